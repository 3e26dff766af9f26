import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asStored, fromText, type Kek, open, seal, toText } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { type Books, isBalanced } from "../../src/books.ts";
import { type Disk, realDisk } from "../../src/disk.ts";
import { fileStoreWith } from "../../src/file-store.ts";
import { type EnvelopeStore, finish, type Migration, run } from "../../src/index.ts";
import { ndjsonStoreWith } from "../../src/json-store.ts";
import { everything } from "../../src/store-case-objects.ts";
import { newKek } from "../support/keys.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const [old, target] = [newKek("old"), newKek("new")];
const texts = ["a", "b"];

/** A disk whose nth operation fails, and every later one if `forEver`. Tells how many there were. */
function failingDisk(nth: number, code: string, forEver: boolean): Disk & { readonly operations: () => number } {
  const real = realDisk();
  let operations = 0;
  const fail = async (): Promise<void> => {
    operations += 1;
    if (operations === nth || (forEver && operations > nth)) throw Object.assign(new Error(code), { code });
  };
  return {
    operations: () => operations,
    create: async (path, mode) => {
      await fail();
      const file = await real.create(path, mode);
      return {
        ...file,
        // Some of it is on the disk.
        write: async (bytes) => {
          await file.write(bytes.subarray(0, 10));
          await fail();
          await file.write(bytes.subarray(10));
        },
        sync: () => fail().then(file.sync),
      };
    },
    rename: async (from, to) => fail().then(() => real.rename(from, to)),
    syncFolder: async (path) => fail().then(() => real.syncFolder(path)),
    unlink: real.unlink,
  };
}

interface Kind {
  fill(folder: string): Promise<void>;
  open(folder: string, disk: Disk): EnvelopeStore;
}

const kinds: Record<string, Kind> = {
  files: {
    async fill(folder) {
      for (const text of texts) await writeFile(join(folder, text), await seal(Buffer.from(text), [old]));
    },
    open: (folder, disk) => fileStoreWith({ disk, compares: true }, { folder }),
  },
  lines: {
    async fill(folder) {
      const lines = await Promise.all(
        texts.map(async (text) => `${JSON.stringify({ ssn: toText(await seal(Buffer.from(text), [old])) })}\n`),
      );
      await writeFile(join(folder, "lines"), lines.join(""));
    },
    open: (folder, disk) => ndjsonStoreWith({ disk, compares: true }, { file: join(folder, "lines"), fields: ["ssn"] }),
  },
};

const walk = { concurrency: 1 };
const steps: Record<string, (migration: Migration) => Promise<Books>> = {
  run: (migration) => run(migration, walk),
  finish: async (migration) => (await finish(migration, walk)).removed ?? expect.unreachable("it verified"),
};
const cases = Object.keys(steps).flatMap((step) => Object.keys(kinds).map((kind) => [step, kind] as const));

describe.each(cases)("%s on a disk that fails under %s", (name, kindName) => {
  const [step, kind] = [steps[name] as (typeof steps)[string], kinds[kindName] as Kind];
  test.each(["ENOSPC", "EIO"])("with %s at any operation leaves every object whole, and the next one finishes", async (code) => {
    for (const forEver of [false, true]) {
      let last = Number.POSITIVE_INFINITY;
      for (let failing = 1; failing <= last; failing++) {
        const folder = await mkdtemp(join(tmpdir(), "letterlock-faults-"));
        made.defer(() => rm(folder, { recursive: true, force: true }));
        await kind.fill(folder);
        const migrationOn = (disk: Disk): Migration => ({ store: kind.open(folder, disk), from: [old], to: [target] });
        if (name === "finish") await run(migrationOn(realDisk()), { keep: true });
        const disk = failingDisk(failing, code, forEver);
        const books = await step(migrationOn(disk));
        // The first that is not reached ends it.
        if (disk.operations() < failing) last = 0;
        expect(isBalanced(books)).toBe(true);
        expect(books.classes.migrated + books.classes.failed).toBe(texts.length);
        expect(books.ok, `operation ${failing}`).toBe(disk.operations() < failing);
        expect(books.codes).toEqual(books.ok ? {} : { store: books.classes.failed });
        const hidden = (await readdir(folder)).filter((one) => one.startsWith("."));
        expect(hidden, `operation ${failing}`).toEqual([]);
        expect(await textsIn(kind.open(folder, realDisk()), [target, old])).toEqual(texts);
        expect(await step(migrationOn(realDisk()))).toMatchObject({ ok: true });
        expect(await textsIn(kind.open(folder, realDisk()), [target])).toEqual(texts);
      }
    }
  });
});

async function textsIn(store: EnvelopeStore, keks: readonly Kek[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { read } of everything(store)) {
    const bytes = Buffer.from(await read());
    const object = bytes.toString("latin1", 0, 4) === "ltrl" ? fromText(bytes.toString()) : bytes;
    found.push(Buffer.from(await open(object, keks, { context: asStored() })).toString());
  }
  return found;
}
