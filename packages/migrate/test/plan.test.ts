import { createDataKey, type Kek, seal, toText } from "@letterlock/core";
import { beforeEach, describe, expect, test } from "vitest";
import { finish, type MemoryStore, type Migration, memoryStore, type Plan, plan, references, run, verify } from "../src/index.ts";
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
      ...{ onTarget: 1, notOnTarget: 3, notOpenable: 1, othersStay: 2, probes: [] },
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

  test("finds them in base64 of JSON of base64, in lines, in hexadecimal digits and in JSON within JSON", async () => {
    const envelope = await sealed("inner");
    const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");
    const lines = (text: string, by: string) => text.replaceAll(/.{76}/g, (line) => `${line}${by}`);
    const texts: Record<string, readonly [text: string, layers: number]> = {
      deep: [JSON.stringify({ a: base64(JSON.stringify({ b: base64(JSON.stringify({ c: toText(envelope) })) })) }), 2],
      deepest: [base64(base64(base64(JSON.stringify([toText(envelope)])))), 3],
      hex: [`{"x":"\\\\x${Buffer.from(envelope).toString("hex")}"}`, 0],
      "in JSON": [JSON.stringify({ a: JSON.stringify({ b: base64(envelope).replaceAll("/", "\\/") }) }), 0],
      mail: [`Content: x\r\n\r\n${lines(base64(envelope), "\r\n")}\r\n`, 0],
      "mail in JSON": [JSON.stringify({ a: lines(base64(JSON.stringify({ b: toText(envelope) })), "\n") }), 1],
      "in a sentence": [`the old one was ${toText(envelope)}, and it went`, 0],
    };
    for (const [id, [text]] of Object.entries(texts)) store.put(id, plaintext(text));
    store.put("no object", plaintext(`{"x":"${"96dae512".repeat(30)}","y":"${base64("x".repeat(300))}"}`));
    const { nested } = await plan(migration, { probe: false });
    expect(Object.fromEntries(nested.first.map(({ id, layers }) => [id, layers]))).toEqual(
      Object.fromEntries(Object.entries(texts).map(([id, [, layers]]) => [id, layers])),
    );
    expect(nested.count).toBe(Object.keys(texts).length);
  });

  test("does not see what is sealed inside of a sealed object", async () => {
    store.put("outer", await seal(await sealed("inner"), [old as Kek]));
    expect((await plan(migration, { probe: false })).nested.count).toBe(0);
  });

  test("tells after a run what something still seals for the old key", async () => {
    for (const id of ["a", "b"]) store.put(id, await sealed(id));
    await run(migration);
    expect(await plan(migration, { probe: false })).toMatchObject({ onTarget: 2, notOnTarget: 0 });
    store.put("c", await sealed("c"));
    expect(await plan(migration, { probe: false })).toMatchObject({ onTarget: 2, notOnTarget: 1 });
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

describe("the estimates of the steps after a run", () => {
  test.each([1, 2])("are the calls that verify and finish make with %i keys of the target", async (keys) => {
    for (let i = 0; i < 6; i++) store.put(String(i), await sealed("x"));
    store.put("foreign", plaintext("hello"));
    const made = new Map<string, number>();
    const to = [target as Kek, newKek("second")].slice(0, keys);
    const counted = (kek: Kek) =>
      faultyKek(kek, (operation) => void made.set(`${kek.keyRef} ${operation}`, (made.get(`${kek.keyRef} ${operation}`) ?? 0) + 1));
    const watched: Migration = { store, from: [counted(old as Kek)], to: to.map(counted) };
    const told = (calls: Plan["estimate"]["calls"]) =>
      Object.fromEntries(
        calls
          .flatMap(({ keyRef, wrap, unwrap }) => [
            [`${keyRef} wrap`, wrap],
            [`${keyRef} unwrap`, unwrap],
          ])
          .filter(([, count]) => count !== 0),
      );
    const options = { accept: ["foreign"] } as const;
    const { estimate, later } = await plan(watched, {
      ...options,
      probe: false,
      rates: [{ provider: "local", perSecond: 2, per10000: 10_000 }],
    });
    for (const [stated, step] of [
      [estimate, () => run(watched, { ...options, keep: true })],
      [later.verify, () => verify(watched, options)],
      [later.finish, () => finish(watched, options)],
    ] as const) {
      made.clear();
      await step();
      expect(Object.fromEntries(made)).toEqual(told(stated.calls));
      const all = [...made.values()].reduce((sum, count) => sum + count, 0);
      expect(stated).toMatchObject({ seconds: all / 2, cost: all });
    }
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
