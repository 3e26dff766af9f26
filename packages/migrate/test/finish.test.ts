import { asStored, createDataKey, inspect, type Kek, open, seal, toText } from "@letterlock/core";
import { beforeEach, describe, expect, test } from "vitest";
import { finish, type MemoryStore, type Migration, memoryStore, run, verify } from "../src/index.ts";
import { faultyKek, newKek, versionedKek } from "./support/keys.ts";

const plaintext = (text: string) => new TextEncoder().encode(text);
const recipientsOf = (object: Uint8Array | undefined) => {
  const info = inspect(object ?? new Uint8Array());
  return info.type === "record" ? [] : info.header.recipients.map(({ keyRef }) => keyRef).sort();
};
const untouchable = (kek: Kek) => faultyKek(kek, () => "access-denied");

let [old, target]: Kek[] = [];
let store: MemoryStore;
let migration: Migration;
beforeEach(() => {
  [old, target] = [newKek("old"), newKek("new")];
  store = memoryStore();
  migration = { store, from: [old as Kek], to: [target as Kek] };
});
const sealed = (text: string) => seal(plaintext(text), [old as Kek], { context: { table: "users" } });

describe("verify", () => {
  test("is clean where every object opens with the target alone, and calls nobody else", async () => {
    store.put("a", await sealed("a"));
    store.put("b", plaintext(toText(await sealed("b"))));
    store.put("c", (await createDataKey([old as Kek])).blob);
    expect(await verify(migration)).toMatchObject({ clean: false, notMigrated: 3 });
    await run(migration, { keep: true });
    const alone = { ...migration, from: [untouchable(old as Kek)] };
    expect(await verify(alone)).toMatchObject({ clean: true, scanned: 3, classes: { already: 3 }, withOldRecipients: 3, notMigrated: 0 });
    await run(migration);
    expect(await verify(alone)).toMatchObject({ clean: true, withOldRecipients: 0 });
  });

  test("finds a recipient of the target that somebody damaged", async () => {
    store.put("a", await sealed("a"));
    await run(migration, { keep: true });
    const object = store.get("a") ?? new Uint8Array();
    const info = inspect(object);
    const wrapped = info.type === "record" ? undefined : info.header.recipients.find(({ keyRef }) => keyRef === "new")?.wrapped;
    const at = Buffer.from(object).indexOf(Buffer.from(wrapped ?? []));
    object[at] = (object[at] ?? 0) ^ 1;
    store.put("a", object);
    expect(await open(object, [old as Kek], { context: asStored() })).toEqual(plaintext("a"));
    expect(await verify(migration)).toMatchObject({ clean: false, classes: { quarantined: 1 }, codes: { "not-authentic": 1 } });
  });

  test("asks for every key of the target", async () => {
    store.put("a", await sealed("a"));
    await run(migration);
    const second = newKek("second");
    expect(await verify({ ...migration, to: [target as Kek, second] })).toMatchObject({ clean: false, notMigrated: 1 });
    await run({ ...migration, to: [target as Kek, second] });
    expect(await verify({ ...migration, to: [target as Kek, second] })).toMatchObject({ clean: true });
  });

  test("accepts what it was told to accept", async () => {
    store.put("a", plaintext("hello"));
    expect((await verify(migration)).clean).toBe(false);
    expect((await verify(migration, { accept: ["foreign"] })).clean).toBe(true);
  });

  test("says that records need their key blobs", async () => {
    const { key } = await createDataKey([old as Kek]);
    store.put("a", key.seal(plaintext("r"), { aad: "" }));
    expect(await verify(migration)).toMatchObject({ clean: true, records: 1 });
  });
});

describe("finish", () => {
  test("takes the old recipients away, without calling an old key", async () => {
    for (const id of ["a", "b"]) store.put(id, await sealed(id));
    await run(migration, { keep: true });
    const done = await finish({ ...migration, from: [untouchable(old as Kek)] });
    expect(done).toMatchObject({ finished: true, removed: { classes: { migrated: 2 }, ok: true } });
    for (const id of ["a", "b"]) {
      expect(recipientsOf(store.get(id))).toEqual(["new"]);
      expect(await open(store.get(id) ?? new Uint8Array(), [target as Kek], { context: asStored() })).toEqual(plaintext(id));
    }
    expect(await finish(migration)).toMatchObject({ finished: true, removed: { classes: { migrated: 0, already: 2 } } });
  });

  test("changes nothing while one object does not open with the target", async () => {
    store.put("a", await sealed("a"));
    await run(migration, { keep: true });
    store.put("b", await sealed("b"));
    expect(await finish(migration)).toMatchObject({ finished: false, verified: { clean: false, notMigrated: 1 } });
    expect(recipientsOf(store.get("a"))).toEqual(["new", "old"]);
  });

  test("keeps the recipients of others", async () => {
    store.put("a", await seal(plaintext("a"), [old as Kek, newKek("other")]));
    await run(migration, { keep: true });
    await finish(migration);
    expect(recipientsOf(store.get("a"))).toEqual(["new", "other"]);
  });

  test("refuses what was migrated blindly and came back as another key", async () => {
    const kek = versionedKek("rotating");
    for (const id of ["a", "b"]) store.put(id, await seal(plaintext(id), [kek, old as Kek]));
    kek.rotate();
    kek.garbleNext();
    const blind: Migration = { store, from: [old as Kek], to: [kek] };
    expect(await run(blind, { blind: true })).toMatchObject({ unverified: 2 });
    expect(await finish(blind)).toMatchObject({ finished: false, verified: { classes: { quarantined: 1 } } });
    expect(recipientsOf(store.get("a"))).toEqual(["old", "rotating"]);
    await run(blind, { keep: true });
    expect(await run({ ...blind, from: [old as Kek] })).toMatchObject({ ok: true });
    expect(await finish(blind)).toMatchObject({ finished: true });
  });
});
