import { resolve } from "node:path";
import { type Disk, realDisk } from "./disk.ts";
import { draftName, writeDraft } from "./draft.ts";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { type OpenFile, readBytes, withFile } from "./file-version.ts";
import { folderCuts } from "./folder-cut.ts";
import { filesBelow, idOf, lockName, type Names, namesOf, pathOf } from "./folder-walk.ts";
import { groupCommit } from "./group-commit.ts";
import { checkTarget } from "./hash-partition.ts";
import { rangesBetween, readRange } from "./key-range.ts";
import { checkNames } from "./migration.ts";
import { withWriterLock } from "./writer-lock.ts";

export interface FileStoreOptions {
  /** A folder, with everything below it. */
  readonly folder: string;
  /** Which files belong to the store, by their paths below the folder, with slashes; all of them by default. */
  readonly include?: ((id: string) => boolean) | undefined;
}

/**
 * Files in a folder tree, one object each. A new content is written beside the file, synced, and renamed over it; then the folder is synced. Mode, owner and group stay, or the
 * object is "failed"; times, access control lists and extended attributes do not.
 * Links, sockets and devices are not objects; a file with several names is one object for each, and becomes several files.
 *
 * The compare-and-swap holds among writers that take the lock `.letterlock-lock` in the folder, as this store does. Against anybody else it is a look at the file right
 * before the rename: who writes between the look and the rename, which is microseconds, loses what he wrote, and so does who holds the file open and goes on writing into it.
 *
 * Partitions are ranges of paths. Cutting reads folders and no files; a partition reads the folders on the way to its ends and those between them.
 */
export function fileStore(options: FileStoreOptions): EnvelopeStore {
  return fileStoreWith({ disk: realDisk(), compares: true }, options);
}

/** @internal What a campaign takes away, to see that it is missed. */
export interface FileSeams {
  readonly disk: Disk;
  readonly compares: boolean;
}

/** @internal */
export function fileStoreWith(seams: FileSeams, options: FileStoreOptions): EnvelopeStore {
  checkNames(options, ["folder", "include"], "options");
  const { folder, include = () => true } = options;
  if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be a path");
  const place = resolve(folder);
  const root = Buffer.from(place);
  const commit = groupCommit((renames: readonly Rename[]) => renamed(renames, place, seams));

  const replace = async (
    id: string,
    expected: string,
    content: (found: OpenFile, read: ReadAt) => AsyncIterable<Uint8Array>,
  ): Promise<Replaced> => {
    const names = namesOf(id);
    const path = pathOf(root, names);
    const parent = pathOf(root, names.slice(0, -1));
    const draft = pathOf(root, [...names.slice(0, -1), Buffer.from(draftName())]);
    const begun = await withFile(path, async (file, found): Promise<"conflict" | "drafted"> => {
      if (seams.compares && found.version !== expected) return "conflict";
      await writeDraft(
        seams.disk,
        draft,
        found.stats,
        content(found, (from, bytes) => readBytes(file, from, bytes)),
      );
      return "drafted";
    });
    // What waits for its commit holds no file open: thousands may wait.
    return begun === "drafted" ? await commit({ path, parent, draft, expected }) : (begun ?? "gone");
  };

  return {
    description: `files in ${place}`,
    async partitions(target) {
      checkTarget(target);
      return rangesBetween((await folderCuts(root, target)).map(idOf));
    },
    async *scan(partition, { after, signal } = {}) {
      const { above, upTo, has } = readRange(partition);
      const end = (id: string | undefined): Names | undefined => (id === undefined ? undefined : namesOf(id));
      for await (const names of filesBelow(root, { after: end(after ?? above), upTo: end(upTo) })) {
        signal?.throwIfAborted();
        const id = idOf(names);
        if (!has(id) || !include(id)) continue;
        const object = await storedFile(root, names, id);
        if (object !== undefined) yield object;
      }
    },
    replace: (id, expected, object) =>
      replace(id, expected, async function* () {
        yield object;
      }),
    replaceHead: (id, expected, { bytes, replaces }) =>
      replace(id, expected, async function* (_found, readAt) {
        yield bytes;
        for (let from = replaces; ; ) {
          const chunk = await readAt(from, chunkBytes);
          if (chunk.length === 0) return;
          yield chunk;
          from += chunk.length;
        }
      }),
  };
}

type ReadAt = (from: number, bytes: number) => Promise<Buffer>;
const chunkBytes = 1024 * 1024;

/** A file that cannot be read is an object all the same, so that it is not left out in silence. */
async function storedFile(root: Buffer, names: Names, id: string): Promise<StoredObject | undefined> {
  const path = pathOf(root, names);
  try {
    return await withFile(path, async (_file, { version, stats, content }) => ({
      id,
      version,
      size: content?.length ?? Number(stats.size),
      cursor: id,
      read: async () => content ?? (await readPart(path, Number(stats.size))),
      readHead: async (bytes) => content?.subarray(0, bytes) ?? (await readPart(path, Math.min(bytes, Number(stats.size)))),
    }));
  } catch (error) {
    const unreadable = (): Promise<never> => Promise.reject(error);
    return { id, version: "", size: 0, cursor: id, read: unreadable, readHead: unreadable };
  }
}

async function readPart(path: Buffer, bytes: number): Promise<Buffer> {
  const content = await withFile(path, (file) => readBytes(file, 0, bytes));
  if (content === undefined) throw new Error("the file left after it was listed");
  return content;
}

interface Rename {
  readonly path: Buffer;
  readonly parent: Buffer;
  readonly draft: Buffer;
  readonly expected: string;
}

/** Under one lock: each that is still what was read gets its new content, and every folder is synced once. */
async function renamed(
  renames: readonly Rename[],
  place: string,
  { disk, compares }: FileSeams,
): Promise<PromiseSettledResult<Replaced>[]> {
  try {
    return await withWriterLock(resolve(place, lockName), async (stillHeld) => {
      const results: PromiseSettledResult<Replaced>[] = [];
      for (const { path, draft, expected } of renames) {
        const [result] = await Promise.allSettled([
          (async (): Promise<Replaced> => {
            const now = await withFile(path, async (_file, { version }) => version);
            if (now === undefined) return "gone";
            if (compares && now !== expected) return "conflict";
            stillHeld();
            await disk.rename(draft, path);
            return "replaced";
          })(),
        ]);
        results.push(result);
      }
      const folders = new Map(renames.map(({ parent }) => [parent.toString("latin1"), parent]));
      for (const folder of folders.values()) await disk.syncFolder(folder);
      return results;
    });
  } finally {
    // Those that were renamed are gone already.
    for (const { draft } of renames) await disk.unlink(draft).catch(() => undefined);
  }
}
