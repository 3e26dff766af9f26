import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientKit } from "./client-kit.ts";
import { goTests } from "./go-test-events.ts";
import { installedFolder, type Stamp, sourceFolder, stamp } from "./installation.ts";
import { type Finished, runProgram } from "./program.ts";

/** The clients that gocloud.dev drives, its conformance tests and its recordings. */
export const goKit: ClientKit = {
  language: "Go",
  async missing() {
    const installed = await stampOfThisGo();
    if (installed === undefined) return "there is no Go here";
    return installed.isCurrent() ? undefined : "the Go modules are not installed";
  },
  async install() {
    const installed = await stampOfThisGo();
    if (installed === undefined) throw new Error("there is no Go here: the version that go.mod names is needed");
    if (installed.isCurrent()) return;
    // The second compiles everything, so that the tests do not have to while others of this repository measure time.
    for (const args of [
      ["mod", "download"],
      ["test", "-mod=readonly", "-run=^$", "."],
    ]) {
      const { code, stdout, stderr } = await go(args);
      if (code !== 0) throw new Error(`go ${args.join(" ")} failed:\n${stdout}${stderr}`);
    }
    installed.write();
  },
  async run(settings, selection = ".") {
    return goTests(await go(["test", "-mod=readonly", "-json", "-count=1", "-timeout=5m", `-run=${selection}`, "."], settings));
  },
};

async function stampOfThisGo(): Promise<Stamp | undefined> {
  const { code, stdout } = await go(["env", "GOVERSION", "GOMODCACHE"]);
  if (code !== 0) return undefined;
  const locks = ["go.mod", "go.sum"].map((name) => readFileSync(join(sourceFolder("go"), name), "utf8"));
  return stamp(join(installedFolder("go"), "installed"), [stdout, ...locks]);
}

function go(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Finished> {
  // A Go that is too old says so, and does not bring in another one.
  return runProgram("go", args, { cwd: sourceFolder("go"), env: { ...settings, GOTOOLCHAIN: "local", GOWORK: "off" } });
}
