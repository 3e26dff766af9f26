import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ClientKit } from "./client-kit.ts";
import { installedFolder, type Stamp, sourceFolder, stamp } from "./installation.ts";
import { type Finished, runProgram } from "./program.ts";
import { pythonTests } from "./python-test-lines.ts";

const folder: string = installedFolder("python");
const interpreter: string = join(folder, "bin", "python");
const requirements: string = join(sourceFolder("python"), "requirements.txt");

/** The providers' own Python SDKs, and hvac. */
export const pythonKit: ClientKit = {
  language: "Python",
  async missing() {
    const python = await findPython();
    if (python === undefined) return "there is no Python 3.11 or later here";
    return stampOf(python).isCurrent() ? undefined : "the Python packages are not installed";
  },
  async install() {
    const python = await findPython();
    if (python === undefined) throw new Error("there is no Python here: 3.11 or later is needed, with venv");
    const installed = stampOf(python);
    if (installed.isCurrent()) return;
    rmSync(folder, { recursive: true, force: true });
    await must(python.name, ["-m", "venv", folder]);
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"];
    await must(interpreter, ["-m", "pip", "install", ...options, "-r", requirements]);
    installed.write();
  },
  async run(settings, selection = "test_*.py") {
    const env = { ...settings, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" };
    return pythonTests(await runProgram(interpreter, ["run.py", selection], { cwd: sourceFolder("python"), env, timeoutMs: 300_000 }));
  },
};

interface Python {
  readonly name: string;
  readonly version: string;
}

/** The first that is new enough and can make a virtual environment. */
async function findPython(): Promise<Python | undefined> {
  for (const name of ["python3.13", "python3.12", "python3.11", "python3"]) {
    const program = "import sys, venv, ensurepip; assert sys.version_info >= (3, 11); print(sys.version)";
    const { code, stdout } = await runProgram(name, ["-c", program]);
    if (code === 0) return { name, version: stdout.trim() };
  }
  return undefined;
}

function stampOf({ version }: Python): Stamp {
  return stamp(join(folder, "installed"), [version, readFileSync(requirements, "utf8")]);
}

async function must(program: string, args: readonly string[]): Promise<Finished> {
  const finished = await runProgram(program, args);
  if (finished.code !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${finished.stdout}${finished.stderr}`);
  return finished;
}
