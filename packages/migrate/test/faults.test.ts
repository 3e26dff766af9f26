import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asStored, open, seal, toText } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { type Disk, realDisk } from "../src/disk.ts";
import { fileStoreWith } from "../src/file-store.ts";
import { type EnvelopeStore, run } from "../src/index.ts";
import { ndjsonStoreWith } from "../src/json-store.ts";
import { newKek } from "./support/keys.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const [old, target] = [newKek("old"), newKek("new")];
/** A disk whose nth operation fails, and every later one if `forEver`. */
function failingDisk(nth: number, code: string, forEver: boolean): Disk {
  const real = realDisk();
  let operations = 0;
  const fail = async (): Promise<void> => {
    operations += 1;
    if (operations === nth || (forEver && operations > nth)) throw Object.assign(new Error(code), { code });
  };
  return {
    create: async (path, mode) => {
      await fail();
      const file = await real.create(path, mode);
      return {
        ...file,
        write: async (bytes) =>
          file
            .write(bytes.subarray(0, 10))
            .then(fail)
            .then(() => file.write(bytes.subarray(10))),
        sync: () => fail().then(file.sync),
      };
    },
    rename: async (from, to) => fail().then(() => real.rename(from, to)),
    syncFolder: async (path) => fail().then(() => real.syncFolder(path)),
    unlink: real.unlink,
  };
}

describe.each(["files", "lines"])("a disk that fails under %s", (kind) => {
  test.each(["ENOSPC", "EIO", "EROFS"])("with %s at any operation leaves every object whole, and the next run finishes", async (code) => {
    for (const forEver of [false, true]) {
      for (let failing = 1; failing <= 8; failing++) {
        const folder = await mkdtemp(join(tmpdir(), "letterlock-faults-"));
        made.defer(() => rm(folder, { recursive: true, force: true }));
        const ids = ["a", "b"];
        const texts = await Promise.all(ids.map(async (id) => toText(await seal(Buffer.from(id), [old]))));
        const file = join(folder, "lines");
        if (kind === "files") for (const [i, id] of ids.entries()) await writeFile(join(folder, id), texts[i] ?? "");
        else await writeFile(file, texts.map((ssn) => `${JSON.stringify({ ssn })}\n`).join(""));
        const openStore = (disk: Disk): EnvelopeStore =>
          kind === "files"
            ? fileStoreWith({ disk, compares: true }, { folder })
            : ndjsonStoreWith({ disk, compares: true }, { file, fields: ["ssn"] });
        const books = await run({ store: openStore(failingDisk(failing, code, forEver)), from: [old], to: [target] }, { concurrency: 1 });
        expect(books.scanned).toBe(2);
        expect(books.classes.migrated + books.classes.failed).toBe(2);
        // A file of lines is written once: five operations for both objects.
        if (forEver && failing <= 5) expect(books.classes.failed).toBeGreaterThan(0);
        expect(
          (await readdir(folder)).filter((name) => name.startsWith(".")),
          `operation ${failing}`,
        ).toEqual([]);
        expect(await run({ store: openStore(realDisk()), from: [old], to: [target] })).toMatchObject({ ok: true });
        const stored =
          kind === "files"
            ? await Promise.all(ids.map((id) => readFile(join(folder, id), "utf8")))
            : (await readFile(file, "utf8")).match(/ltrl[\w-]+/g);
        for (const [i, id] of ids.entries()) {
          const object = new Uint8Array(Buffer.from(stored?.[i] ?? "", "base64url"));
          expect(Buffer.from(await open(object, [target], { context: asStored() })).toString()).toBe(id);
        }
      }
    }
  });
});
