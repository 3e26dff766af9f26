import { draftPrefix, sweepDraft } from "./draft.ts";
import { type Entry, entriesOf } from "./folder-listing.ts";

export const lockName = ".letterlock-lock";

/** A path below a folder, as the bytes of its names: names need not be UTF-8. The order of paths is that of their first names, then of their second: a folder stands before what is in it. */
export type Names = readonly Buffer[];

export interface Walked {
  /** The first is the one that follows this. */
  readonly after?: Names | undefined;
  /** None comes after this. */
  readonly upTo?: Names | undefined;
}

/** Regular files below a folder, in their order. Folders with nothing between the ends are not read. Drafts that are an hour old are swept on the way. */
export async function* filesBelow(root: Buffer, { after = [], upTo }: Walked = {}): AsyncGenerator<Names> {
  yield* below(root, [], after, upTo);
}

async function* below(root: Buffer, folder: Names, after: Names, upTo: Names | undefined): AsyncGenerator<Names> {
  const [first, ...rest] = after;
  const [last, ...beyond] = upTo ?? [];
  for (const entry of await entriesBelow(root, folder)) {
    const order = first === undefined ? 1 : Buffer.compare(entry.name, first);
    const toEnd = last === undefined ? -1 : Buffer.compare(entry.name, last);
    if (order < 0) continue;
    if (toEnd > 0) return;
    const names = [...folder, entry.name];
    if (entry.isFolder) {
      if (toEnd < 0 || beyond.length > 0) yield* below(root, names, order === 0 ? rest : [], toEnd === 0 ? beyond : undefined);
    } else if (isDraft(entry)) await sweepDraft(pathOf(root, names));
    else if (order > 0) yield names;
  }
}

/** What is in a folder, in order: files, drafts among them, and folders, without the lock. A folder that left meanwhile has nothing in it, unless it is the root. */
export async function entriesBelow(root: Buffer, folder: Names): Promise<Iterable<Entry>> {
  const isRoot = folder.length === 0;
  try {
    return await entriesOf(pathOf(root, folder), isRoot ? lockName : undefined);
  } catch (error) {
    if (!isRoot && ["ENOENT", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}

export function isDraft({ name }: Entry): boolean {
  return name.toString("latin1").startsWith(draftPrefix);
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

function joined(names: Names): Buffer {
  return Buffer.concat(names.flatMap((name, i) => (i === 0 ? [name] : [slash, name])));
}
