import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findPython, type Python, pythonMissing } from "@letterlock/servers";
import type { ClientKit } from "./client-kit.ts";
import { installedFolder, type Stamp, sourceFolder, stamp } from "./installation.ts";
import { type Finished, runProgram } from "./program.ts";
import { pythonTests } from "./python-test-lines.ts";

/** The minor version of Python 3 that the tests are written for. */
const oldest = 11;
const folder: string = installedFolder("python");
const interpreter: string = join(folder, "bin", "python");
const requirements: string = join(sourceFolder("python"), "requirements.txt");

/** The providers' own Python SDKs, and hvac. */
export const pythonKit: ClientKit = {
  language: "Python",
  async missing() {
    const python = await findPython(oldest);
    if (python === undefined) return "there is no Python 3.11 or later here";
    return stampOf(python).isCurrent() ? undefined : "the Python packages are not installed";
  },
  async install() {
    const python = await findPython(oldest);
    if (python === undefined) throw new Error(pythonMissing(oldest));
    const installed = stampOf(python);
    if (installed.isCurrent()) return;
    rmSync(folder, { recursive: true, force: true });
    await must(python.program, ["-m", "venv", folder]);
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"];
    await must(interpreter, ["-m", "pip", "install", ...options, "-r", requirements]);
    installed.write();
  },
  async run(settings, selection = "test_*.py") {
    const env = { ...settings, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" };
    return pythonTests(await runProgram(interpreter, ["run.py", selection], { cwd: sourceFolder("python"), env, timeoutMs: 300_000 }));
  },
};

function stampOf({ program, version }: Python): Stamp {
  return stamp(join(folder, "installed"), [program, String(version), readFileSync(requirements, "utf8")]);
}

async function must(program: string, args: readonly string[]): Promise<Finished> {
  const finished = await runProgram(program, args);
  if (finished.code !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${finished.stdout}${finished.stderr}`);
  return finished;
}
