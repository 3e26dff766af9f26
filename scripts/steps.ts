import { join } from "node:path";
import { compareApi } from "./api-snapshot.ts";
import { command, root } from "./command.ts";
import { check, type Step, vitest } from "./step.ts";
import { checkTarballs } from "./tarball.ts";

const node22 = join(root, "node_modules", "node22", "bin", "node");

/** Other people's servers, and their clients in other languages: programs that install them, or say what the machine lacks. */
const installers = [["test-harness/servers/src/main.ts", "install"], ["test-harness/clients/src/install.ts"]];

export const thirdParties: Step = check("install third-party servers and clients", async () => {
  const finished = await Promise.all(installers.map((program) => command(process.execPath, program)));
  return { ok: finished.every(({ ok }) => ok), output: finished.map(({ output }) => output).join("") };
});
export const lint: Step = check("format and lint", () => command("biome", ["check", "--error-on-warnings", "--diagnostic-level=warn"]));
export const types: Step = check("types", () => command("turbo", ["run", "types", "--continue", "--output-logs=errors-only"]));
export const build: Step = check("build", () => command("turbo", ["run", "build", "--output-logs=errors-only"]));
export const unit: Step = vitest("tests on Node 24", process.execPath, []);
export const unitOnNode22: Step = vitest("core on Node 22", node22, ["--project=@letterlock/core"]);
export const api: Step = check("public declarations", compareApi);
export const tarballs: Step = check("packed packages", checkTarballs);
export const size: Step = check("size of core", () => command("size-limit", [], join(root, "packages", "core")));
export const deadCode: Step = check("dead code", () => command("knip", ["--no-progress"]));
