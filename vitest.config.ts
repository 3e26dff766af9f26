import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

// Those of Node and "source". With "module", packages such as the SDK of AWS would give files that only a bundler can read.
const conditions = ["source", "node", "import", "default"];
const packages = globSync("{packages,apps,test-harness}/*/package.json", { cwd: import.meta.dirname }).sort();

export default defineConfig({
  test: { projects: [project("scripts", "scripts"), ...packages.map((manifest) => project(nameIn(manifest), dirname(manifest)))] },
});

function project(name: string, folder: string): TestProjectInlineConfiguration {
  return {
    root: join(import.meta.dirname, folder),
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    oxc: { target: "es2023" },
    // A limit is for what hangs. What a busy machine does in a minute does not hang.
    test: {
      name,
      include: ["test/**/*.test.ts"],
      pool: "forks",
      execArgv: ["--expose-gc", "--conditions=source"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

function nameIn(manifest: string): string {
  return (JSON.parse(readFileSync(join(import.meta.dirname, manifest), "utf8")) as { name: string }).name;
}
