import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Disk, realDisk } from "./disk.ts";
import { draftName, sweepDraftsIn, writeDraft } from "./draft.ts";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { readBytes, withFile } from "./file-version.ts";
import { groupCommit } from "./group-commit.ts";
import { isInPartition, onePartition } from "./hash-partition.ts";
import { type Field, type RecordLayout, type Splice, withSplices } from "./record-layout.ts";
import { withWriterLock } from "./writer-lock.ts";

/** @internal What a campaign takes away, to see that it is missed. */
export interface RecordFileSeams {
  readonly disk: Disk;
  readonly compares: boolean;
}

/**
 * The fields of a text file. Replacements wait for each other and are written together: a new file beside the old one, synced, and renamed over it, so that a crash leaves
 * the one or the other. It is one partition: each would read the whole file, and write it again. The compare-and-swap is that of `fileStore`, with the lock `.NAME.letterlock-lock` beside the file.
 * A process that holds the file open and appends to it writes into the one that was replaced: let it open the file again.
 */
export function recordFileStore(
  file: string,
  layout: RecordLayout,
  seams: RecordFileSeams = { disk: realDisk(), compares: true },
): EnvelopeStore {
  if (typeof file !== "string" || file === "") throw new TypeError("file must be a path");
  const path = Buffer.from(resolve(file));
  const commit = groupCommit((changes: readonly Change[]) => rewritten(path, layout, changes, seams), { idleMs: 25 });
  return {
    description: `fields in ${resolve(file)}`,
    partitions: async (target) => onePartition(target),
    scan: (partition, { after, signal } = {}) => scan(path, layout, partition, after, signal),
    replace: (id, expected, object) => commit({ id, expected, value: Buffer.from(object).toString("latin1") }),
  };
}

/** A reading goes to the end of the file as it was when it began, whoever renames another over it. A cursor counts fields of one version of the file; of another it counts none. */
async function* scan(
  path: Buffer,
  layout: RecordLayout,
  partition: string,
  after: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  const from = await withFile(path, async (_file, { version }) => {
    const [seen, count] = (after ?? ":").split(/:(?=\d*$)/);
    return { version: digest(version), skip: seen === digest(version) ? Number(count) : 0 };
  });
  if (from === undefined) throw new Error(`there is no file ${path.toString()}`);
  await sweepDraftsIn(dirname(path.toString()));
  let count = 0;
  for await (const field of fieldsOf(path, layout)) {
    signal?.throwIfAborted();
    count += 1;
    if (count > from.skip && isInPartition(field.id, partition)) yield stored(field, `${from.version}:${count}`);
  }
}

function stored({ id, value, problem }: Field, cursor: string): StoredObject {
  const bytes = Buffer.from(value);
  const read = async (): Promise<Buffer> => {
    if (problem !== undefined) throw new Error(problem);
    return Buffer.from(bytes);
  };
  return { id, version: digest(value), size: bytes.length, cursor, read, readHead: async (count) => (await read()).subarray(0, count) };
}

interface Change {
  readonly id: string;
  readonly expected: string;
  readonly value: string;
}

interface Rewriting {
  readonly wanted: ReadonlyMap<string, readonly Change[]>;
  /** One change is made to one field. */
  readonly results: Map<Change, Replaced>;
  readonly compares: boolean;
}

/** Of a file that others write meanwhile, without the lock, this many times. */
const attempts = 3;

async function rewritten(
  path: Buffer,
  layout: RecordLayout,
  changes: readonly Change[],
  seams: RecordFileSeams,
): Promise<PromiseSettledResult<Replaced>[]> {
  const [folder, name] = [dirname(path.toString()), basename(path.toString())];
  return await withWriterLock(join(folder, `.${name}.letterlock-lock`), async (stillHeld) => {
    for (let attempt = 1; ; attempt++) {
      const results = await attemptRewrite(path, layout, changes, seams, stillHeld);
      if (results !== undefined) return changes.map((change) => ({ status: "fulfilled", value: results.get(change) ?? "gone" }));
      if (attempt === attempts) return changes.map(() => ({ status: "fulfilled", value: "conflict" }));
    }
  });
}

/** Undefined: the file changed while it was read. */
async function attemptRewrite(
  path: Buffer,
  layout: RecordLayout,
  changes: readonly Change[],
  { disk, compares }: RecordFileSeams,
  stillHeld: () => void,
): Promise<Map<Change, Replaced> | undefined> {
  const draft = join(dirname(path.toString()), draftName());
  const wanted = Map.groupBy(changes, ({ id }) => id);
  const results = new Map<Change, Replaced>();
  const renamed = await withFile(path, async (_file, before): Promise<boolean> => {
    await writeDraft(disk, draft, before.stats, changedRecords(path, layout, { wanted, results, compares }));
    try {
      const now = await withFile(path, async (_now, { version }) => version);
      if (compares && now !== before.version) return false;
      stillHeld();
      if ([...results.values()].includes("replaced")) {
        await disk.rename(draft, path);
        await disk.syncFolder(dirname(path.toString()));
      }
      return true;
    } finally {
      await disk.unlink(draft).catch(() => undefined);
    }
  });
  if (renamed === undefined) return new Map();
  return renamed ? results : undefined;
}

async function* changedRecords(path: Buffer, layout: RecordLayout, { wanted, results, compares }: Rewriting): AsyncGenerator<Buffer> {
  const read = layout.reader();
  let index = 0;
  for await (const record of layout.records(chunksOf(path))) {
    const splices: Splice[] = [];
    for (const { id, value, put } of read(record, index)) {
      let [now, splice]: [string, Splice | undefined] = [value, undefined];
      for (const change of wanted.get(id) ?? []) {
        if (results.get(change) === "replaced") continue;
        const isExpected = put !== undefined && (!compares || digest(now) === change.expected);
        results.set(change, isExpected ? "replaced" : "conflict");
        if (isExpected) [now, splice] = [change.value, put(change.value)];
      }
      if (splice !== undefined) splices.push(splice);
    }
    yield splices.length === 0 ? record : withSplices(record, splices);
    index += 1;
  }
}

async function* fieldsOf(path: Buffer, layout: RecordLayout): AsyncGenerator<Field> {
  const read = layout.reader();
  let index = 0;
  for await (const record of layout.records(chunksOf(path))) {
    yield* read(record, index);
    index += 1;
  }
}

const chunkBytes = 1024 * 1024;

async function* chunksOf(path: Buffer): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    for (let at = 0; ; ) {
      const chunk = await readBytes(file, at, chunkBytes);
      if (chunk.length === 0) return;
      yield chunk;
      at += chunk.length;
    }
  } finally {
    await file.close();
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
