import { join, resolve } from "node:path";
import type { PythonVersion, ServerName } from "./server-name.ts";

const requirementsFolder: string = join(import.meta.dirname, "..", "requirements");

/** The virtual environment of a server. */
export function installationFolder(name: ServerName): string {
  return join(cacheFolder(), name);
}

/** The virtual environment of the pip that installs the servers on a version of Python. */
export function pipFolder(python: PythonVersion): string {
  return join(cacheFolder(), `pip-3.${python}`);
}

export function logFolder(): string {
  return join(cacheFolder(), "logs");
}

/** Where running servers keep their data. */
export function dataFolder(): string {
  return join(cacheFolder(), "data");
}

/** The packages that a server needs, each with its version and its hashes. */
export function requirementsFile(name: ServerName): string {
  return join(requirementsFolder, `${name}.txt`);
}

/** The packages that are wanted; `requirementsFile` is what they need in all. */
export function wantedFile(name: ServerName): string {
  return join(requirementsFolder, `${name}.in`);
}

/** Everything that is installed, logged and stored lies below this folder, which git ignores; or where several checkouts share what is installed. */
function cacheFolder(): string {
  return resolve(process.env.LETTERLOCK_SERVERS_FOLDER ?? join(import.meta.dirname, "..", "..", "..", ".servers"));
}
