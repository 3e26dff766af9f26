import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { asStored, fromText, headerOf, open, rewrap, seal, toText } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { fileStoreWith } from "../src/file-store.ts";
import { type EnvelopeStore, fileStore, finish, ndjsonStore, run } from "../src/index.ts";
import { ndjsonStoreWith } from "../src/json-store.ts";
import { everything } from "../src/store-case-objects.ts";
import { seeded } from "./campaign/seeded.ts";
import { newKek } from "./support/keys.ts";
import { type RecordingDisk, recordingDisk, type Sync } from "./support/recording-disk.ts";

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);
console.log(`seed of the power failures: ${seed}`);

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const [old, target] = [newKek("old"), newKek("new")];
const texts = ["first", "second", "third"];
type Step = "run" | "run and finish" | "heads";

interface Kind {
  fill(folder: string): Promise<void>;
  open(folder: string, disk?: RecordingDisk): EnvelopeStore;
}

const kinds: Record<string, Kind> = {
  files: {
    async fill(folder) {
      for (const [i, text] of texts.entries()) {
        const path = join(folder, i === 0 ? "a" : `below/${i}`);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, await seal(Buffer.from(text), [old]));
      }
    },
    open: (folder, disk) => (disk === undefined ? fileStore({ folder }) : fileStoreWith({ disk, compares: true }, { folder })),
  },
  lines: {
    async fill(folder) {
      const lines = await Promise.all(
        texts.map(async (text) => `${JSON.stringify({ ssn: toText(await seal(Buffer.from(text), [old])) })}\n`),
      );
      await writeFile(join(folder, "lines"), lines.join(""));
    },
    open(folder, disk) {
      const options = { file: join(folder, "lines"), fields: ["ssn"] };
      return disk === undefined ? ndjsonStore(options) : ndjsonStoreWith({ disk, compares: true }, options);
    },
  },
};

interface Replay {
  /** What a name held before or after any rename to it: "neither" is none of those. */
  readonly neither: readonly string[];
  /** Objects that a caller was told to be replaced, and that a power failure took back. */
  readonly takenBack: readonly string[];
  /** States of the whole folder, drafts too, that were put on a disk and migrated again. */
  readonly replayed: number;
  readonly notFinished: readonly string[];
}

/** Everything that a power failure may leave at any instant of a migration. */
async function powerFailures(name: string, step: Step, random: () => number, without?: Sync): Promise<Replay> {
  const kind = kinds[name] as Kind;
  const folder = await newFolder();
  await kind.fill(folder);
  const [neither, takenBack]: [string[], string[]] = [[], []];
  const whole = new Map<string, Buffer[]>();
  const states: ReadonlyMap<string, Buffer | undefined>[] = [];
  const disk: RecordingDisk = recordingDisk(folder, {
    random,
    without,
    after() {
      for (const [file, contents] of whole) {
        for (const content of disk.possible(file))
          if (content === undefined || !contents.some((one) => one.equals(content)))
            neither.push(`${file}: ${content?.length ?? "no"} bytes`);
      }
      for (let drawn = 0; drawn < 3; drawn++) states.push(new Map(disk.names().map((one) => [one, drawnFrom(disk.possible(one), random)])));
    },
  });
  for (const file of disk.names()) whole.set(file, [await readFile(file)]);
  // What a rename puts in place is whole by what its writer meant, which the real disk has.
  const renaming: RecordingDisk = {
    ...disk,
    async rename(from, to) {
      whole.get(to.toString())?.push(await readFile(from));
      await disk.rename(from, to);
    },
  };
  const store = kind.open(folder, renaming);
  const judged = (id: string, is: (content: Buffer) => boolean): void => {
    const file = name === "files" ? join(folder, id) : join(folder, "lines");
    if (!disk.possible(file).every((content) => content !== undefined && is(content))) takenBack.push(id);
  };
  const promised: EnvelopeStore = {
    ...store,
    async replace(id, expected, object) {
      const result = await store.replace(id, expected, object);
      judged(id, (content) => content.includes(Buffer.from(object)));
      return result;
    },
  };
  const migration = { store: promised, from: [old], to: [target] };
  if (step === "heads") await newHeads(store, judged);
  else expect((await run(migration, { keep: step === "run and finish" })).classes.migrated).toBe(texts.length);
  if (step === "run and finish")
    expect(await finish(migration)).toMatchObject({ finished: true, removed: { classes: { migrated: texts.length } } });
  const notFinished: string[] = [];
  for (const state of without === undefined ? states : []) {
    const difference = await restarted(kind, folder, state);
    if (difference !== undefined) notFinished.push(difference);
  }
  return { neither, takenBack, replayed: states.length, notFinished };
}

/** As objects are replaced whose payload stays where it is. */
async function newHeads(store: EnvelopeStore, judged: (id: string, is: (content: Buffer) => boolean) => void): Promise<void> {
  for await (const { id, version, read } of everything(store)) {
    const envelope = await read();
    const { payloadOffset } = headerOf(envelope);
    const moved = await rewrap(envelope, { from: [old], to: [target] });
    const bytes = moved.subarray(0, headerOf(moved).payloadOffset);
    expect(await store.replaceHead?.(id, version, { bytes, replaces: payloadOffset })).toBe("replaced");
    judged(id, (content) => content.equals(moved));
  }
}

function drawnFrom<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T;
}

/** The state on a disk of its own, migrated by the same command. */
async function restarted(kind: Kind, folder: string, state: ReadonlyMap<string, Buffer | undefined>): Promise<string | undefined> {
  const again = await newFolder();
  for (const [name, content] of state) {
    if (content === undefined) continue;
    const path = join(again, name.slice(folder.length));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const store = kind.open(again);
  const books = await run({ store, from: [old], to: [target] });
  if (!books.ok || books.scanned !== texts.length) return JSON.stringify(books);
  const found: string[] = [];
  for await (const { read } of everything(store)) {
    const bytes = Buffer.from(await read());
    const object = bytes.toString("latin1", 0, 4) === "ltrl" ? fromText(bytes.toString()) : bytes;
    found.push(Buffer.from(await open(object, [target], { context: asStored() })).toString());
  }
  return found.sort().join() === [...texts].sort().join() ? undefined : found.join();
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-power-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const steps: readonly (readonly [string, Step])[] = [
  ["files", "run"],
  ["files", "run and finish"],
  ["files", "heads"],
  ["lines", "run"],
  ["lines", "run and finish"],
];

describe.each(steps)("a power failure at any instant, %s, %s", (name, step) => {
  test("leaves the old or the new under every name, keeps what was said to be replaced, and the same command finishes", async () => {
    const { neither, takenBack, notFinished, replayed } = await powerFailures(name, step, seeded(seed));
    expect(neither).toEqual([]);
    expect(takenBack).toEqual([]);
    expect(notFinished).toEqual([]);
    expect(replayed).toBeGreaterThan(15);
  });

  test("would leave what is neither without the sync of the file", async () => {
    expect((await powerFailures(name, step, seeded(seed), "file sync")).neither).not.toEqual([]);
  });

  test("would take back what was said to be replaced without the sync of the folder", async () => {
    expect((await powerFailures(name, step, seeded(seed), "folder sync")).takenBack).not.toEqual([]);
  });
});
