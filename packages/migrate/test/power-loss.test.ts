import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seal, toText } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { fileStoreWith } from "../src/file-store.ts";
import { type EnvelopeStore, run } from "../src/index.ts";
import { ndjsonStoreWith } from "../src/json-store.ts";
import { newKek } from "./support/keys.ts";
import { type RecordingDisk, recordingDisk } from "./support/recording-disk.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const [old, target] = [newKek("old"), newKek("new")];
const stores: Record<string, (disk: RecordingDisk, folder: string, file: string) => EnvelopeStore> = {
  fileStore: (disk, folder) => fileStoreWith({ disk, compares: true }, { folder }),
  ndjsonStore: (disk, _folder, file) => ndjsonStoreWith({ disk, compares: true }, { file, fields: ["ssn"] }),
};

/** What the file can be after a power failure at any instant of a run, and after the run. */
async function afterPowerLoss(name: string, without?: "file sync" | "folder sync") {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-power-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "data");
  const envelope = await seal(Buffer.from("text"), [old]);
  await writeFile(file, name === "fileStore" ? envelope : `{"ssn":"${toText(envelope)}"}\n`);
  const before = await readFile(file, "latin1");
  const disk = await recordingDisk(file, without);
  const books = await run({ store: (stores[name] as (typeof stores)[string])(disk, folder, file), from: [old], to: [target] });
  expect(books.classes.migrated).toBe(1);
  const after = await readFile(file, "latin1");
  expect(after).not.toBe(before);
  const states = disk.states();
  return { neither: states.flat().filter((state) => state !== before && state !== after), atTheEnd: [...new Set(states.at(-1))], after };
}

describe.each(Object.keys(stores))("a power failure during a run of %s", (name) => {
  test("leaves the old file or the new one at every instant, and the new one after the run", async () => {
    const { neither, atTheEnd, after } = await afterPowerLoss(name);
    expect(neither).toEqual([]);
    expect(atTheEnd).toEqual([after]);
  });

  test("would leave a cut file without the sync of the file", async () => {
    expect((await afterPowerLoss(name, "file sync")).neither).not.toEqual([]);
  });

  test("would take the run back without the sync of the folder", async () => {
    expect((await afterPowerLoss(name, "folder sync")).atTheEnd.length).toBeGreaterThan(1);
  });
});
