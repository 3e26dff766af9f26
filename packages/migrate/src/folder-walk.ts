import type { Dirent } from "node:fs";
import { lstat, readdir, unlink } from "node:fs/promises";
import { draftPrefix } from "./draft.ts";

export const lockName = ".letterlock-lock";

/** A path below a folder, as the bytes of its names: names need not be UTF-8. */
export type Names = readonly Buffer[];

/** Regular files below a folder, in the order of their names' bytes, from the first after `after`. Drafts that are an hour old are swept on the way. */
export async function* filesBelow(root: Buffer, after: Names = []): AsyncGenerator<Names> {
  yield* below(root, [], after);
}

async function* below(root: Buffer, folder: Names, after: Names): AsyncGenerator<Names> {
  const [first, ...rest] = after;
  for (const entry of await entriesOf(pathOf(root, folder), folder.length === 0)) {
    const order = first === undefined ? 1 : Buffer.compare(entry.name, first);
    if (order < 0) continue;
    const names = [...folder, entry.name];
    if (entry.isDirectory()) {
      if (!(folder.length === 0 && entry.name.equals(Buffer.from(lockName)))) yield* below(root, names, order === 0 ? rest : []);
    } else if (entry.isFile()) {
      if (entry.name.toString("latin1").startsWith(draftPrefix)) await sweep(pathOf(root, names));
      else if (order > 0) yield names;
    }
  }
}

export function pathOf(root: Buffer, names: Names): Buffer {
  return Buffer.concat([root, ...names.flatMap((name) => [slash, name])]);
}

/** UTF-8 where the bytes are that; else a NUL, which no name has, and hex. */
export function idOf(names: Names): string {
  const bytes = joined(names);
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? text : `\0${bytes.toString("hex")}`;
}

/** A TypeError for what `idOf` does not make: no id leaves the folder. */
export function namesOf(id: string): Names {
  const bytes = id.startsWith("\0") ? Buffer.from(id.slice(1), "hex") : Buffer.from(id);
  const names: Buffer[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const end = bytes.indexOf(0x2f, from);
    names.push(bytes.subarray(from, end === -1 ? bytes.length : end));
    from = end === -1 ? bytes.length + 1 : end + 1;
  }
  const isName = (name: Buffer): boolean => name.length > 0 && !name.includes(0) && ![".", ".."].includes(name.toString("latin1"));
  if (!names.every(isName) || idOf(names) !== id) throw new TypeError(`no id of this store: ${JSON.stringify(id)}`);
  return names;
}

const slash = Buffer.from("/");
const oldDraftMs = 3_600_000;

function joined(names: Names): Buffer {
  return Buffer.concat(names.flatMap((name, i) => (i === 0 ? [name] : [slash, name])));
}

async function entriesOf(folder: Buffer, isRoot: boolean): Promise<Dirent<Buffer>[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
    return entries.sort((a, b) => Buffer.compare(a.name, b.name));
  } catch (error) {
    // It left during the scan.
    if (!isRoot && ["ENOENT", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}

async function sweep(draft: Buffer): Promise<void> {
  const found = await lstat(draft).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > oldDraftMs) await unlink(draft).catch(() => undefined);
}
