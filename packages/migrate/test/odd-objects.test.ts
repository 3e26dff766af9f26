import { createDataKey, type Kek, seal, toText } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type EnvelopeStore, type MemoryStore, memoryStore, plan, run, type StoredObject, verify } from "../src/index.ts";
import { nestedObjects } from "../src/nested-objects.ts";
import { newKek } from "./support/keys.ts";

const [old, target] = [newKek("old"), newKek("new")];
const sealed = (bytes: number, keks: readonly Kek[] = [old]): Promise<Uint8Array> => seal(new Uint8Array(bytes), keks);
/** A store that makes something happen to an object right before it is read for the nth time. */
function disturbed(memory: MemoryStore, happens: (object: StoredObject, reading: number) => void): EnvelopeStore {
  const readings = new Map<string, number>();
  return {
    ...memory,
    async *scan(partition, options) {
      for await (const object of memory.scan(partition, options)) {
        const read = async (bytes?: number): Promise<Uint8Array> => {
          const reading = (readings.get(object.id) ?? 0) + 1;
          readings.set(object.id, reading);
          happens(object, reading);
          const now = memory.get(object.id);
          // As an object store that is asked for the version that it listed.
          if (now === undefined || Buffer.compare(now, await object.read()) !== 0) throw new Error("412 Precondition Failed");
          return now.subarray(0, bytes);
        };
        yield { ...object, read: () => read(), readHead: read };
      }
    },
  };
}

describe("an object in text form that is larger than a head", () => {
  test.each(["", "\n", "\r\n"])("is planned, moved and verified with %j after it", async (after) => {
    const store = memoryStore();
    // Payloads of which a byte more or less would end in a segment of no size that there is.
    for (const bytes of [46_000, 60_000, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 196_608])
      store.put(`${bytes}`, Buffer.from(toText(await sealed(bytes)) + after));
    const migration = { store, from: [old], to: [target] };
    expect((await plan(migration)).books).toMatchObject({ ok: true, classes: { migrated: 9 } });
    expect(await run(migration)).toMatchObject({ ok: true, classes: { migrated: 9 } });
    expect(await verify(migration)).toMatchObject({ clean: true, scanned: 9 });
    for (const id of store.ids())
      expect(
        Buffer.from(store.get(id) ?? "")
          .toString()
          .slice(-3),
        id,
      ).toMatch(new RegExp(`[\\w-]${after}$`));
  });

  test("is quarantined with two line breaks after it, and ends no plan", async () => {
    const store = memoryStore();
    store.put("a", Buffer.from(`${toText(await sealed(60_000))}\n\n`));
    store.put("b", await sealed(10));
    const migration = { store, from: [old], to: [target] };
    expect((await plan(migration)).books.scanned).toBe(2);
    expect(await run(migration)).toMatchObject({ classes: { quarantined: 1, migrated: 1 }, codes: { malformed: 1 } });
  });
});

describe("an object that leaves or changes between the list and its reading", () => {
  test("is gone, or moved as it is then, and no trouble of the store", async () => {
    const memory = memoryStore();
    for (const id of ["leaves", "changes", "stays"]) memory.put(id, await sealed(10));
    const other = await sealed(20);
    const store = disturbed(memory, ({ id }, reading) => {
      if (id === "leaves") memory.delete(id);
      if (id === "changes" && reading === 1) memory.put(id, other);
    });
    expect(await run({ store, from: [old], to: [target] })).toMatchObject({ ok: true, scanned: 3, classes: { gone: 1, migrated: 2 } });
  });

  test("ends no plan, and is counted once", async () => {
    const memory = memoryStore();
    for (const id of ["leaves", "changes", "stays"]) memory.put(id, Buffer.from("not ours"));
    memory.put("ours", await sealed(10));
    const store = disturbed(memory, ({ id }, reading) => {
      if (id === "leaves" && reading === 2) memory.delete(id);
      if (id === "changes" && reading === 2) memory.put(id, Buffer.from("something else"));
    });
    const planned = await plan({ store, from: [old], to: [target] }, { accept: ["foreign"] });
    expect(planned.books).toMatchObject({ ok: true, scanned: 4, classes: { gone: 1, foreign: 2, migrated: 1 } });
  });

  test("is failed where it can never be read, after three looks", async () => {
    const memory = memoryStore();
    memory.put("a", await sealed(10));
    let looks = 0;
    const store = disturbed(memory, () => {
      looks += 1;
      throw new Error("not permitted");
    });
    const books = await run({ store, from: [old], to: [target] });
    expect(books).toMatchObject({ ok: false, scanned: 1, classes: { failed: 1 }, codes: { store: 1 } });
    expect(looks).toBe(3);
  });
});

test("counts every object of a store that has an id twice", async () => {
  const memory = memoryStore();
  memory.put("a", await sealed(10));
  memory.put("b", await sealed(10));
  const store: EnvelopeStore = {
    ...memory,
    async *scan(partition, options) {
      for await (const object of memory.scan(partition, options)) yield { ...object, id: "one" };
    },
    replace: async () => "conflict",
  };
  expect(await run({ store, from: [old], to: [target] })).toMatchObject({ ok: false, scanned: 2, classes: { conflict: 2 } });
});

test("takes no promise for an answer of keep", async () => {
  const store = memoryStore();
  store.put("a", await sealed(10, [old, target]));
  const keep = (async () => false) as unknown as () => boolean;
  const books = await run({ store, from: [old], to: [target] }, { keep });
  expect(books).toMatchObject({ ok: false, exceptions: [{ class: "failed", reason: "keep must return true or false" }] });
});

test("ends no plan where the function for detached contexts throws", async () => {
  const store = memoryStore();
  const made = await createDataKey([old], { context: { user: "1" }, detached: ["user"] });
  made.key[Symbol.dispose]();
  store.put("a", made.blob);
  const detached = () => {
    throw new Error("nobody knows");
  };
  const migration = { store, from: [old], to: [target], detached };
  const planned = await plan(migration, { probe: false });
  expect(planned.books).toMatchObject({ ok: false, scanned: 1, exceptions: [{ class: "failed", reason: "nobody knows" }] });
  expect(planned.census.types["key-blob"]).toBe(0);
  expect(await run(migration)).toMatchObject({ ok: false, exceptions: [{ class: "failed", reason: "nobody knows" }] });
});

// Searched from each of them to the end, a megabyte of these takes an hour.
test.each(["\\", "\\\\n", "\r\n", "\n ", '\\"', "96dae512", "ltrlE", "="])("searches a megabyte of %j in no time", (text) => {
  const began = performance.now();
  expect(nestedObjects(Buffer.from(text.repeat(1_000_000 / text.length)))).toEqual([]);
  expect(performance.now() - began).toBeLessThan(10_000);
});
