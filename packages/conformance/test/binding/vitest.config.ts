import { defineConfig } from "vitest/config";

const conditions = ["source", "node", "import", "module", "default"];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  oxc: { target: "es2023" },
  test: { include: ["*.fixture.ts"], pool: "forks", execArgv: ["--conditions=source"] },
});
