import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const conditions = ["source", "node", "import", "module", "default"];

export default defineConfig({
  test: {
    projects: globSync("{packages,apps,test-harness}/*/package.json", { cwd: import.meta.dirname })
      .sort()
      .map((manifest) => projectIn(dirname(manifest))),
  },
});

function projectIn(root: string): TestProjectInlineConfiguration {
  const { name } = JSON.parse(readFileSync(`${import.meta.dirname}/${root}/package.json`, "utf8")) as { name: string };
  return {
    root: `${import.meta.dirname}/${root}`,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    oxc: { target: "es2023" },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      pool: "forks",
      execArgv: ["--expose-gc", "--conditions=source"],
    },
  };
}
