import { createDataKey, type Kek, seal, toText } from "@letterlock/core";
import { beforeEach, describe, expect, test } from "vitest";
import { type MemoryStore, type Migration, memoryStore, plan, references, run } from "../src/index.ts";
import { faultyKek, newKek, versionedKek } from "./support/keys.ts";

const plaintext = (text: string) => new TextEncoder().encode(text);

let [old, target]: Kek[] = [];
let store: MemoryStore;
let migration: Migration;
beforeEach(() => {
  [old, target] = [newKek("old"), newKek("new")];
  store = memoryStore();
  migration = { store, from: [old as Kek], to: [target as Kek] };
});
const sealed = (text: string, keks = [old as Kek]) => seal(plaintext(text), keks, { context: { table: "users" } });

describe("plan", () => {
  test("counts by class, key, version and context key, without any key", async () => {
    const rotating = versionedKek("rotating");
    store.put("a", await sealed("a"));
    store.put("b", plaintext(toText(await sealed("b", [old as Kek, rotating]))));
    store.put("c", await sealed("c", [target as Kek]));
    store.put("d", (await createDataKey([old as Kek])).blob);
    store.put("e", await sealed("e", [newKek("stranger")]));
    store.put("f", plaintext("hello"));
    const unusable = {
      ...migration,
      from: migration.from.map((kek) => ({ ...kek, unwrap: () => Promise.reject(new Error("it was called")) })),
    };
    const planned = await plan(unusable, { probe: false });
    expect(planned).toMatchObject({
      books: { scanned: 6, classes: { migrated: 3, already: 1, quarantined: 1, foreign: 1 } },
      census: { types: { envelope: 4, "key-blob": 1, record: 0 }, contextKeys: { table: 4 } },
      ...{ onTarget: 1, notOpenable: 1, othersStay: 2, probes: [] },
    });
    expect(planned.census.recipients).toContainEqual({ provider: "local", keyRef: "old", keyVersion: undefined, count: 3 });
    expect(planned.census.recipients).toContainEqual({ provider: "local", keyRef: "rotating", keyVersion: "v1", count: 1 });
    const { classes } = await run(migration);
    expect(classes).toEqual(planned.books.classes);
  });

  test("finds objects inside JSON and base64, which will not migrate", async () => {
    const inner = toText(await sealed("inner"));
    store.put("json", plaintext(JSON.stringify({ a: [{ b: inner }], c: inner })));
    store.put("base64", plaintext(Buffer.from(JSON.stringify({ deep: inner })).toString("base64")));
    store.put(
      "standard",
      plaintext(
        `{"x":"${Buffer.from(await sealed("bytes"))
          .toString("base64")
          .replaceAll("/", "\\/")}"}`,
      ),
    );
    store.put("nothing", plaintext(JSON.stringify({ text: "x".repeat(500), ltrlE: "ltrlE".repeat(30) })));
    const { nested, books } = await plan(migration, { probe: false });
    expect(books.classes.foreign).toBe(4);
    expect(nested.count).toBe(4);
    expect(nested.first.map(({ id, layers }) => [id, layers])).toEqual([
      ["base64", 1],
      ["json", 0],
      ["json", 0],
      ["standard", 0],
    ]);
    expect((await plan(migration, { probe: false, nestedBytes: 0 })).nested.count).toBe(0);
  });

  test("probes each key of both sides once, and tells what is refused", async () => {
    for (const id of ["a", "b"]) store.put(id, await sealed(id));
    expect((await plan(migration)).probes).toEqual([
      { provider: "local", keyRef: "new", operation: "wrap", ok: true },
      { provider: "local", keyRef: "new", operation: "unwrap", ok: true },
      { provider: "local", keyRef: "old", operation: "unwrap", ok: true },
    ]);
    const denied = { ...migration, to: [faultyKek(target as Kek, (operation) => (operation === "unwrap" ? "access-denied" : undefined))] };
    expect((await plan(denied)).probes).toMatchObject([
      { ok: true },
      { operation: "unwrap", ok: false, code: "access-denied" },
      { ok: true },
    ]);
  });

  test("states calls, and time and money at the given rates", async () => {
    for (let i = 0; i < 20; i++) store.put(String(i), await sealed("x"));
    const { estimate } = await plan(migration, {
      probe: false,
      rates: [
        { provider: "local", keyRef: "new", perSecond: 4, per10000: 30 },
        { provider: "local", keyRef: "old", perSecond: 100 },
      ],
    });
    expect(estimate).toEqual({
      calls: [
        { provider: "local", keyRef: "old", unwrap: 20, wrap: 0 },
        { provider: "local", keyRef: "new", unwrap: 20, wrap: 20 },
      ],
      seconds: 10,
      cost: 0.12,
    });
    expect((await plan(migration, { probe: false })).estimate).toMatchObject({ seconds: undefined, cost: undefined });
    let calls = 0;
    const counted = (kek: Kek) => faultyKek(kek, () => void calls++);
    await run({ store, from: [counted(old as Kek)], to: [counted(target as Kek)] });
    expect(calls).toBe(estimate.calls.reduce((sum, { wrap, unwrap }) => sum + wrap + unwrap, 0));
  });
});

describe("references", () => {
  test("names the objects that name a key or a version", async () => {
    const rotating = versionedKek("rotating");
    store.put("a", await sealed("a"));
    store.put("b", await sealed("b", [rotating]));
    rotating.rotate();
    store.put("c", await sealed("c", [rotating, old as Kek]));
    store.put("d", plaintext("hello"));
    const ids = async (query: Parameters<typeof references>[1]) => {
      const found: string[] = [];
      for await (const { id } of references(store, query)) found.push(id);
      return found;
    };
    expect(await ids({})).toEqual(["a", "b", "c"]);
    expect(await ids({ provider: "local", keyRef: "old" })).toEqual(["a", "c"]);
    expect(await ids({ keyRef: "rotating", keyVersion: "v1" })).toEqual(["b"]);
    expect(await ids({ keyRef: "rotating", keyVersion: ["v1", "v2"] })).toEqual(["b", "c"]);
    expect(await ids({ provider: "aws-kms" })).toEqual([]);
    for await (const { hasOthers, id } of references(store, { keyRef: "old" })) expect(hasOthers).toBe(id === "c");
  });
});
