import { randomBytes } from "node:crypto";
import {
  asStored,
  createDataKey,
  createIntermediateKek,
  fromText,
  inspect,
  type Kek,
  open,
  openDataKey,
  seal,
  splitEnvelope,
  toText,
} from "@letterlock/core";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type MemoryStore,
  type Migration,
  memoryStore,
  type Outcome,
  outcomeClasses,
  type Progress,
  pauseSwitch,
  run,
} from "../src/index.ts";
import { runWith } from "../src/run.ts";
import { faultyKek, lyingKek, newKek, versionedKek } from "./support/keys.ts";

const patience = { attempts: 3, firstPauseMs: 1 };
const plaintext = (text: string) => new TextEncoder().encode(text);
const recipientsOf = (object: Uint8Array | undefined) => {
  const info = inspect(object ?? new Uint8Array());
  return info.type === "record" ? [] : info.header.recipients.map(({ keyRef }) => keyRef).sort();
};

let [old, target]: Kek[] = [];
let store: MemoryStore;
let migration: Migration;
beforeEach(() => {
  [old, target] = [newKek("old"), newKek("new")];
  store = memoryStore();
  migration = { store, from: [old as Kek], to: [target as Kek] };
});
const sealed = (text: string, keks = migration.from as readonly Kek[]) => seal(plaintext(text), keks, { context: { table: "users" } });

describe("run", () => {
  test("moves envelopes, texts, key blobs and intermediate KEKs, and leaves each what it was", async () => {
    store.put("envelope", await sealed("one"));
    store.put("text", plaintext(toText(await sealed("two"))));
    store.put("text with a line break", plaintext(`${toText(await sealed("three"))}\n`));
    const { blob, key } = await createDataKey(migration.from as Kek[]);
    store.put("key blob", blob);
    store.put("key blob as text", plaintext(toText(blob)));
    store.put("intermediate", (await createIntermediateKek(migration.from as Kek[])).blob);
    const record = key.seal(plaintext("r"), { aad: "" });
    store.put("record", record);
    const payloads = splitEnvelope(store.get("envelope") ?? new Uint8Array()).record;

    const books = await run(migration);

    expect(books).toMatchObject({ scanned: 7, classes: { migrated: 6, already: 1 }, ok: true });
    expect(splitEnvelope(store.get("envelope") ?? new Uint8Array()).record).toEqual(payloads);
    const read = async (object: Uint8Array) => Buffer.from(await open(object, [target as Kek], { context: asStored() })).toString();
    expect(await read(store.get("envelope") ?? new Uint8Array())).toBe("one");
    expect(await read(fromText(Buffer.from(store.get("text") ?? []).toString()))).toBe("two");
    const withBreak = Buffer.from(store.get("text with a line break") ?? []).toString();
    expect(withBreak.endsWith("\n")).toBe(true);
    expect(await read(fromText(withBreak.slice(0, -1)))).toBe("three");
    const moved = await openDataKey(store.get("key blob") ?? new Uint8Array(), [target as Kek]);
    expect(moved.open(record, { aad: "" })).toEqual(plaintext("r"));
    expect(store.get("record")).toEqual(record);
    for (const id of ["envelope", "key blob", "intermediate"]) expect(recipientsOf(store.get(id))).toEqual(["new"]);
  });

  test("does nothing the second time", async () => {
    store.put("a", await sealed("a"));
    await run(migration);
    const before = store.get("a");
    expect((await run(migration)).classes).toMatchObject({ migrated: 0, already: 1 });
    expect(store.get("a")).toEqual(before);
  });

  test("gives every object one class, by what it is", async () => {
    const [envelope, stranger] = [await sealed("x"), newKek("stranger")];
    const flipped = envelope.slice();
    const end = 5 + 256 * (envelope[4] ?? 0) + (envelope[5] ?? 0);
    flipped[end] = (flipped[end] ?? 0) ^ 1;
    const ends: Record<string, readonly [Uint8Array, Partial<Outcome>]> = {
      "a good one": [envelope, { class: "migrated" }],
      "plain text": [plaintext("hello"), { class: "foreign" }],
      nothing: [new Uint8Array(), { class: "foreign" }],
      "a damaged header": [flipped, { class: "quarantined", code: "not-authentic" }],
      "a cut header": [envelope.slice(0, 40), { class: "quarantined", code: "malformed" }],
      "a cut payload": [envelope.slice(0, -20), { class: "quarantined", code: "truncated" }],
      "a text with a space": [plaintext(`${toText(envelope)} `), { class: "quarantined", code: "malformed" }],
      "a later version": [Uint8Array.of(0x96, 0xda, 0xe5, 0x22, 0), { class: "quarantined", code: "unsupported" }],
      "one for a stranger": [await sealed("x", [stranger]), { class: "quarantined", code: "no-matching-kek" }],
      "one with a detached value": [
        await seal(plaintext("x"), migration.from as Kek[], { context: { a: "b" }, detached: ["a"] }),
        { class: "quarantined", code: "context-mismatch" },
      ],
    };
    for (const [id, [object]] of Object.entries(ends)) store.put(id, object);
    const found = new Map<string, Outcome>();
    const books = await run(migration, { onProgress: (event) => event.type === "object" && found.set(event.outcome.id, event.outcome) });
    for (const [id, [object, outcome]] of Object.entries(ends)) {
      expect(found.get(id), id).toMatchObject(outcome);
      if (outcome.class !== "migrated") expect(store.get(id), id).toEqual(Uint8Array.from(object));
    }
    expect(books.scanned).toBe(Object.keys(ends).length);
    expect(books.ok).toBe(false);
    expect((await run(migration, { accept: ["foreign", "quarantined"] })).ok).toBe(true);
  });

  test("takes the values of detached context keys from the caller", async () => {
    store.put("a", await seal(plaintext("x"), migration.from as Kek[], { context: { tenant: "acme" }, detached: ["tenant"] }));
    const books = await run({ ...migration, detached: ({ id }) => ({ tenant: id === "a" ? "acme" : "?" }) });
    expect(books.classes.migrated).toBe(1);
    expect(await open(store.get("a") ?? new Uint8Array(), [target as Kek], { context: { tenant: "acme" } })).toEqual(plaintext("x"));
  });

  test("writes nothing that the target does not open again", async () => {
    store.put("a", await sealed("a"));
    const before = store.get("a");
    const lying = lyingKek(target as Kek, () => true);
    const books = await run({ ...migration, to: [lying] });
    expect(books.classes.failed).toBe(1);
    expect(store.get("a")).toEqual(before);
  });

  test("would lose an object without that step", async () => {
    store.put("a", await sealed("a"));
    const lying = lyingKek(target as Kek, () => true);
    const { rewrap } = await import("@letterlock/core");
    await runWith((blob, keks, _target, options) => rewrap(blob, keks, options), { ...migration, to: [lying] }, {});
    await expect(open(store.get("a") ?? new Uint8Array(), [old as Kek, target as Kek], { context: asStored() })).rejects.toThrow();
  });

  test("keeps the recipients of others, and takes away the old one", async () => {
    const other = newKek("other");
    store.put("a", await sealed("a", [old as Kek, other]));
    await run(migration);
    expect(recipientsOf(store.get("a"))).toEqual(["new", "other"]);
  });

  test("keeps all of them, or those that it is told to", async () => {
    store.put("a", await sealed("a"));
    await run(migration, { keep: true });
    expect(recipientsOf(store.get("a"))).toEqual(["new", "old"]);
    expect((await run(migration, { keep: true })).classes.already).toBe(1);
    await run(migration, { keep: ({ keyRef }) => keyRef !== "old" });
    expect(recipientsOf(store.get("a"))).toEqual(["new"]);
  });

  test("wraps a recipient of the target anew that was there and does not open", async () => {
    const impostor = newKek("new");
    store.put("a", await sealed("a", [old as Kek, impostor]));
    expect((await run(migration, { keep: true })).classes).toMatchObject({ already: 1 });
    expect((await run(migration)).classes).toMatchObject({ migrated: 1 });
    expect(await open(store.get("a") ?? new Uint8Array(), [target as Kek], { context: asStored() })).toEqual(plaintext("a"));
  });

  test("looks again at what somebody changed, and moves that", async () => {
    store.put("a", await sealed("first"));
    const again = await sealed("second");
    let changes = 1;
    const disturbed: Migration = {
      ...migration,
      store: {
        ...store,
        replace: async (...args) => {
          if (changes-- > 0) store.put("a", again);
          return await store.replace(...args);
        },
      },
    };
    expect(await run(disturbed)).toMatchObject({ scanned: 1, classes: { migrated: 1, conflict: 0 } });
    expect(await open(store.get("a") ?? new Uint8Array(), [target as Kek], { context: asStored() })).toEqual(plaintext("second"));
  });

  test("says conflict of what changes again and again, and gone of what left", async () => {
    for (const id of ["busy", "leaving", "leaving later"]) store.put(id, await sealed(id));
    const busy = await sealed("busy");
    const disturbed = {
      ...store,
      replace: async (...args: Parameters<MemoryStore["replace"]>) => {
        if (args[0] === "busy") store.put("busy", busy);
        if (args[0] === "leaving") store.delete("leaving");
        if (args[0] !== "leaving later") return await store.replace(...args);
        store.delete("leaving later");
        return "conflict" as const;
      },
    };
    const books = await run({ ...migration, store: disturbed });
    expect(books).toMatchObject({ scanned: 3, classes: { conflict: 1, gone: 2 }, ok: false });
  });

  test("waits for a provider that throttles, with fewer calls at once, and comes back", async () => {
    for (let i = 0; i < 60; i++) store.put(String(i), await sealed("x"));
    let calls = 0;
    const throttling = faultyKek(target as Kek, (operation) =>
      operation === "wrap" && ++calls > 20 && calls < 30 ? "throttled" : undefined,
    );
    const events: Progress[] = [];
    const books = await run({ ...migration, to: [throttling] }, { patience, concurrency: 8, onProgress: (event) => events.push(event) });
    expect(books).toMatchObject({ scanned: 60, classes: { migrated: 60 } });
    expect(events.some((event) => event.type === "pace" && event.concurrency < 8)).toBe(true);
  });

  test("ends with failed where the provider stays away or refuses, and leaves the object as it was", async () => {
    store.put("a", await sealed("a"));
    const before = store.get("a");
    for (const fault of ["unavailable", "throttled", "access-denied", "provider-error"] as const) {
      for (const failing of ["wrap", "unwrap"]) {
        const faulty = faultyKek(target as Kek, (operation) => (operation === failing ? fault : undefined));
        const books = await run({ ...migration, to: [faulty] }, { patience });
        expect(books, `${fault} of ${failing}`).toMatchObject({ scanned: 1, classes: { failed: 1 }, codes: { [fault]: 1 }, ok: false });
      }
    }
    expect(store.get("a")).toEqual(before);
  });

  test("says failed where the store does not read or write", async () => {
    for (const id of ["a", "b", "c"]) store.put(id, await sealed(id));
    const broken: MemoryStore = {
      ...store,
      async *scan(...args) {
        for await (const object of store.scan(...args)) {
          yield object.id === "a" ? { ...object, read: () => Promise.reject(new Error("EACCES")) } : object;
        }
      },
      replace: async (id, ...rest) => {
        if (id === "b") throw new Error("ENOSPC");
        return await store.replace(id, ...rest);
      },
    };
    expect(await run({ ...migration, store: broken })).toMatchObject({ classes: { failed: 2, migrated: 1 }, codes: { store: 2 } });
  });

  test("rejects when the scan fails, with the store's error", async () => {
    store.put("a", await sealed("a"));
    const broken: MemoryStore = {
      ...store,
      async *scan(...args) {
        yield* store.scan(...args);
        throw new Error("the cable");
      },
    };
    await expect(run({ ...migration, store: broken })).rejects.toThrow("the cable");
    expect(recipientsOf(store.get("a"))).toEqual(["new"]);
  });

  test("ends with the caller's reason, and the next run finishes", async () => {
    for (let i = 0; i < 50; i++) store.put(String(i), await sealed("x"));
    const controller = new AbortController();
    let seen = 0;
    const reason = new Error("enough");
    const onProgress = () => ++seen === 10 && controller.abort(reason);
    await expect(run(migration, { signal: controller.signal, concurrency: 2, onProgress })).rejects.toBe(reason);
    const { classes } = await run(migration);
    expect(classes.already).toBeGreaterThanOrEqual(10);
    expect(classes.migrated).toBeGreaterThan(0);
    expect(classes.already + classes.migrated).toBe(50);
  });

  test("waits while it is paused", async () => {
    for (let i = 0; i < 20; i++) store.put(String(i).padStart(2, "0"), await sealed("x"));
    const pause = pauseSwitch();
    let paused: (() => void) | undefined;
    const reached = new Promise<void>((resolve) => {
      paused = resolve;
    });
    let seen = 0;
    const running = run(migration, {
      pause,
      concurrency: 1,
      onProgress: () => {
        if (++seen !== 5) return;
        pause.pause();
        paused?.();
      },
    });
    await reached;
    await new Promise(setImmediate);
    expect(seen).toBeLessThan(20);
    pause.resume();
    expect((await running).classes.migrated).toBe(20);
  });

  test("may run twice at the same time", async () => {
    for (let i = 0; i < 100; i++) store.put(String(i), await sealed(String(i)));
    const both = await Promise.all([run(migration), run(migration)]);
    for (const { scanned, classes } of both) {
      expect(scanned).toBe(100);
      expect(classes.migrated + classes.already).toBe(100);
    }
    for (const id of store.ids()) expect(recipientsOf(store.get(id))).toEqual(["new"]);
  });

  test("leaves the payload of a large envelope to the store", async () => {
    const big = new Uint8Array(randomBytes(9 * 1024 * 1024));
    store.put("big", await seal(big, migration.from as Kek[]));
    const books = await run({
      ...migration,
      store: {
        ...store,
        async *scan(...args) {
          for await (const object of store.scan(...args)) yield { ...object, read: () => Promise.reject(new Error("it was read")) };
        },
      },
    });
    expect(books.classes.migrated).toBe(1);
    expect(Buffer.compare(await open(store.get("big") ?? new Uint8Array(), [target as Kek]), big)).toBe(0);
  });

  test("refreshes what an older version of the target's key wrapped", async () => {
    const kek = versionedKek("rotating");
    store.put("a", await sealed("a", [kek]));
    const rotation: Migration = { store, from: [kek], to: [kek] };
    kek.rotate();
    expect((await run(rotation)).classes.already).toBe(1);
    expect((await run(rotation, { refresh: true })).classes.migrated).toBe(1);
    expect((await run(rotation, { refresh: true })).classes.already).toBe(1);
    await expect(run(migration, { refresh: true })).rejects.toThrow(TypeError);
  });

  test("refreshes blindly inside the provider, and says that nobody has looked", async () => {
    const kek = versionedKek("rotating");
    store.put("a", await sealed("a", [kek]));
    kek.rotate();
    const rotation: Migration = { store, from: [], to: [kek] };
    expect(await run(rotation, { blind: true })).toMatchObject({ classes: { migrated: 1 }, unverified: 1 });
    expect(await run(rotation, { blind: true })).toMatchObject({ classes: { already: 1 }, unverified: 0 });
    await expect(run(migration, { blind: true })).rejects.toThrow(TypeError);
  });

  test.each<[string, unknown, unknown]>([
    ["an unknown option", {}, { kep: true }],
    ["an unknown member", { form: [] }, {}],
    ["a target that is empty", { to: [] }, {}],
    ["a target that only wraps", { to: [{ ...newKek("x"), unwrap: undefined }] }, {}],
    ["no store", { store: {} }, {}],
    ["no concurrency", {}, { concurrency: 0 }],
    ["a class that is no exception", {}, { accept: ["migrated"] }],
    ["a keep that is no function", {}, { keep: "all" }],
  ])("refuses %s", async (_, change, options) => {
    await expect(run({ ...migration, ...(change as object) }, options as object)).rejects.toThrow(/./);
    await expect(run({ ...migration, ...(change as object) }, options as object)).rejects.not.toHaveProperty("code");
  });

  test("balances its books and loses nothing, whatever fails when", async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed of the run that fails at random: ${seed}`);
    const faults = fc.array(
      fc.constantFrom(undefined, undefined, undefined, "throttled" as const, "unavailable" as const, "provider-error" as const),
      { minLength: 40, maxLength: 40 },
    );
    const property = fc.asyncProperty(
      faults,
      fc.array(fc.constantFrom("fine", "conflict", "throws", "edited"), { minLength: 20, maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      async (codes, writes, concurrency) => {
        const random = memoryStore();
        const texts = new Map<string, string>();
        for (let i = 0; i < 8; i++) {
          texts.set(String(i), `text ${i}`);
          random.put(String(i), await sealed(`text ${i}`));
        }
        const edited = await sealed("edited");
        let [calls, written] = [0, 0];
        const faulty = faultyKek(target as Kek, () => codes[calls++]);
        const disturbed: MemoryStore = {
          ...random,
          replace: async (id, expected, object) => {
            const what = writes[written++];
            if (what === "conflict") return "conflict";
            if (what === "throws") throw new Error("full disk");
            if (what === "edited") {
              random.put(id, edited);
              texts.set(id, "edited");
            }
            return await random.replace(id, expected, object);
          },
        };
        const books = await run({ store: disturbed, from: [old as Kek], to: [faulty] }, { concurrency, patience });
        expect(outcomeClasses.reduce((sum, one) => sum + books.classes[one], 0)).toBe(8);
        expect(books.scanned).toBe(8);
        for (const [id, text] of texts)
          expect(
            Buffer.from(await open(random.get(id) ?? new Uint8Array(), [old as Kek, target as Kek], { context: asStored() })).toString(),
          ).toBe(text);
      },
    );
    await fc.assert(property, { seed, numRuns: 40 });
  });
});
