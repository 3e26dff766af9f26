import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Disk, realDisk } from "../../src/disk.ts";
import { contentOf, possibleContents, type UnsyncedFile } from "./possible-content.ts";

export type Sync = "file sync" | "folder sync";

/** A disk that remembers what of its operations is durable. */
export interface RecordingDisk extends Disk {
  /** Every name that was there at the start or came since, drafts too. */
  names(): readonly string[];
  /** What a power failure at this instant may leave under a name; undefined: no file. */
  possible(name: string): readonly (Buffer | undefined)[];
}

interface Entry {
  durable: UnsyncedFile | undefined;
  /** What the name has meant since its folder was synced, in order. */
  pending: (UnsyncedFile | undefined)[];
}

/**
 * The model is the weakest that POSIX allows: what was not synced may be lost. Of a file, each sector by itself and the length by itself. Of a folder, each name by itself, so
 * that renames and removals are kept or lost in either order, and one without the other. A sync of a folder says nothing of the content of its files, nor the other way
 * round. The operations themselves are done on the real disk. `without` leaves a sync out; `after` is called after each operation that changes what is possible.
 */
export function recordingDisk(
  folder: string,
  {
    random,
    without,
    after = () => undefined,
  }: { readonly random: () => number; readonly without?: Sync | undefined; readonly after?: () => void },
): RecordingDisk {
  const real = realDisk();
  const entries = new Map<string, Entry>();
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const name = join(file.parentPath, file.name);
    entries.set(name, { durable: { durable: readFileSync(name), pending: [] }, pending: [] });
  }
  const entryOf = (name: string): Entry => {
    const entry = entries.get(name) ?? { durable: undefined, pending: [] };
    entries.set(name, entry);
    return entry;
  };
  const meant = (name: string): UnsyncedFile | undefined => {
    const { durable, pending } = entryOf(name);
    return pending.length > 0 ? pending.at(-1) : durable;
  };
  return {
    names: () => [...entries.keys()],
    possible: (name) => {
      const { durable, pending } = entryOf(name);
      return [durable, ...pending].flatMap((file) => (file === undefined ? [undefined] : possibleContents(file, random)));
    },
    async create(path, mode) {
      const made = await real.create(path, mode);
      const file: UnsyncedFile = { durable: Buffer.alloc(0), pending: [] };
      entryOf(path.toString()).pending.push(file);
      after();
      return {
        ...made,
        async write(bytes) {
          await made.write(bytes);
          file.pending.push({ at: contentOf(file).length, bytes: Buffer.from(bytes) });
          after();
        },
        async sync() {
          if (without === "file sync") return;
          const [content, writes] = [contentOf(file), file.pending.length];
          await made.sync();
          file.durable = content;
          file.pending.splice(0, writes);
          after();
        },
      };
    },
    async rename(from, to) {
      await real.rename(from, to);
      const moved = meant(from.toString());
      entryOf(to.toString()).pending.push(moved);
      entryOf(from.toString()).pending.push(undefined);
      after();
    },
    async unlink(path) {
      await real.unlink(path);
      entryOf(path.toString()).pending.push(undefined);
      after();
    },
    async syncFolder(path) {
      if (without === "folder sync") return;
      const changes = [...entries]
        .filter(([name]) => dirname(name) === path.toString())
        .map(([, entry]) => ({ entry, count: entry.pending.length }));
      await real.syncFolder(path);
      for (const { entry, count } of changes) {
        if (count > 0) entry.durable = entry.pending[count - 1];
        entry.pending.splice(0, count);
      }
      after();
    },
  };
}
