import { globSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { newestPython, type PythonVersion } from "./server-name.ts";

export interface Python {
  readonly program: string;
  readonly version: PythonVersion;
}

/** Python 3.13 first, because every server was tried with it. */
const preference: readonly PythonVersion[] = [13, 12, 14, 11];

/** `ensurepip` is what Debian leaves out unless python3-venv is installed: without it `-m venv` fails. */
const question = "import ensurepip, sys, venv; print(sys.version_info.major, sys.version_info.minor, sys.executable)";

/** A Python that can make virtual environments and is at least `oldest`; undefined where the machine has none. */
export async function findPython(oldest: PythonVersion): Promise<Python | undefined> {
  const found = (await Promise.all((await candidates()).map(ask))).filter((python) => python !== undefined);
  for (const version of preference.filter((one) => one >= oldest)) {
    const python = found.find((one) => one.version === version);
    if (python !== undefined) return python;
  }
  return undefined;
}

export function pythonMissing(oldest: PythonVersion): string {
  return (
    `it needs Python 3.${oldest} to 3.${newestPython} with the modules venv and ensurepip, and none was found as python3 or python3.N on the PATH ` +
    "or under pyenv; on Debian install python3.N and python3.N-venv"
  );
}

/** The shim that pyenv puts on the PATH for a version that is not the chosen one only explains itself, so the versions are asked too. */
async function candidates(): Promise<string[]> {
  const root = await runCommand("pyenv", ["root"]);
  const installed = root.ok ? globSync(join(root.output.trim(), "versions", "3.*", "bin", "python3")).sort() : [];
  return [...preference.map((version) => `python3.${version}`), "python3", ...installed];
}

async function ask(program: string): Promise<Python | undefined> {
  const { ok, output } = await runCommand(program, ["-c", question]);
  const [, major, minor, executable] = /^(\d+) (\d+) (.+)\n$/.exec(output) ?? [];
  if (!ok || major !== "3" || executable === undefined) return undefined;
  return { program: executable, version: Number(minor) };
}
