import { fstatSync } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, join, relative as relativePath } from "node:path";
import { glob } from "tinyglobby";
import { failure, usage } from "../failure.ts";

export interface Input {
  /** As named by the user or found below what was named; "-" is standard input. */
  readonly path: string;
  /** Below the folder or glob that found it: where it goes below an output folder. */
  readonly relative: string;
  readonly bytes: number | undefined;
  readonly mode: number;
  /** Device and inode: two paths of one file have the same. Undefined for what is not a regular file. */
  readonly identity: string | undefined;
}

export interface Inputs {
  readonly list: readonly Input[];
  /** A folder or a glob was named, so that the number of files is not the user's. */
  readonly expanded: boolean;
}

/** Files, folders and globs. `found` decides about files that a folder or a glob finds; links in them are not followed. */
export async function expandInputs(named: readonly string[], found: (path: string) => boolean): Promise<Inputs> {
  if (named.includes("-") && named.length > 1) throw usage("- (standard input) stands alone");
  const list: Input[] = [];
  let expanded = false;
  for (const name of named) {
    const files = name === "-" ? [standardInputEntry()] : await expand(name, found);
    expanded ||= files === undefined || files.length !== 1 || files[0]?.path !== name;
    list.push(...files);
  }
  const distinct = [...new Map(list.map((input) => [input.path, input])).values()];
  if (distinct.length === 0) throw usage(`no files found in ${named.join(" ")}`);
  return { list: distinct, expanded };
}

export async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/** Of a descriptor that the shell opened; undefined for pipes, and where there is none. */
export function openFileIdentity(fd: number): string | undefined {
  try {
    const there = fstatSync(fd, { bigint: true });
    return there.isFile() ? `${there.dev}:${there.ino}` : undefined;
  } catch {
    return undefined;
  }
}

function standardInputEntry(): Input {
  return { path: "-", relative: "-", bytes: undefined, mode: 0o666 & ~process.umask(), identity: openFileIdentity(0) };
}

async function expand(name: string, found: (path: string) => boolean): Promise<readonly Input[]> {
  const there = await stat(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && isGlob(name)) return undefined;
    throw error.code === "ENOENT" ? usage(`${name}: no such file or folder`) : error;
  });
  if (there === undefined) return walk(globBase(name), name.slice(globBase(name).length).replace(/^\//, ""), found);
  if (there.isDirectory()) return walk(name, everything, found);
  const identity = there.isFile() ? await fileIdentity(name) : undefined;
  return [{ path: name, relative: basename(name), bytes: there.isFile() ? there.size : undefined, mode: there.mode & 0o666, identity }];
}

const everything = "**/*";

/** A folder that cannot be read is an error: a backup that leaves it out in silence is none. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relativePath(folder, join(entry.parentPath, entry.name)));
}

function globbed(folder: string, pattern: string): Promise<string[]> {
  return glob(pattern, { cwd: folder === "" ? "." : folder, dot: true, followSymbolicLinks: false, expandDirectories: false });
}

async function walk(folder: string, pattern: string, found: (path: string) => boolean): Promise<readonly Input[]> {
  const paths = pattern === everything ? await filesBelow(folder) : await globbed(folder, pattern);
  const inputs: Input[] = [];
  for (const relative of paths.sort()) {
    const path = join(folder, relative);
    if (!found(path) || path.endsWith(".letterlock-draft")) continue;
    const there = await lstat(path, { bigint: true });
    if (!there.isFile()) continue;
    inputs.push({ path, relative, bytes: Number(there.size), mode: Number(there.mode) & 0o666, identity: `${there.dev}:${there.ino}` });
  }
  if (inputs.length === 0) {
    const what = pattern === everything ? `the folder ${folder}` : join(folder, pattern);
    throw failure("usage", `${what}: no files to work on`);
  }
  return inputs;
}

function isGlob(name: string): boolean {
  return /[*?[{]/.test(name);
}

/** The folders before the first part that is a pattern. */
function globBase(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first).join("/") + (first > 0 && parts[0] === "" && first === 1 ? "/" : "");
}
