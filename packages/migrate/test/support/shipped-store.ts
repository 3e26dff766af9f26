import { asStored, fromText, type Kek, open, seal, toText } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type Migration, outcomeClasses, run, type StoreSubject, verify } from "../../src/index.ts";
import { testStore } from "../../src/vitest.ts";
import { newKek } from "./keys.ts";
import { otherWriters } from "./other-writers.ts";
import { coverage } from "./store-coverage.ts";

/** The suite, and whole migrations, on a store that is shipped. What it does not show must have a reason in `coverage`. */
export function testShippedStore(name: string, title: string, create: () => Promise<StoreSubject>): void {
  testStore(`${name}, ${title}`, create);
  describe(`${name}, ${title}, under whole migrations`, () => {
    test("shows what the table says", async () => expectCovered(name, await create()));
    test("is migrated while others edit, delete, damage and move objects and put foreign ones in their place", async () =>
      otherWriters(await create()));
    test("is migrated by two runs at once, each object by one of them", async () => twoRuns(await create()));
    test("is migrated by a run that was ended and the next, each object by one of them", async () => twoHalves(await create()));
    test("rejects with the reason of the signal, whenever it comes", async () => endsWithReason(await create()));
    test("is migrated with what appears on the old key behind a scan: verify tells, and the next run moves it", async () =>
      latecomers(await create()));
  });
}

async function expectCovered(name: string, subject: StoreSubject): Promise<void> {
  const { without } = coverage[name] ?? expect.unreachable(`${name} is not in the table`);
  for (let i = 0; i < 40; i++) await subject.put(`object ${i}`, Uint8Array.from(Buffer.from(`object ${i}`)));
  const shown = {
    heads: subject.store.replaceHead !== undefined,
    huge: subject.hugeBytes === undefined || subject.hugeBytes >= 20 * 1024 * 1024,
    names: subject.refusesName === undefined,
    reading: subject.forbidReading !== undefined,
    parts: (await subject.store.partitions(4)).length > 1,
  };
  for (const [what, isShown] of Object.entries(shown)) {
    const reason = without[what as keyof typeof shown];
    expect(isShown || reason !== undefined, `${name} does not show ${what}, and no reason is given`).toBe(true);
    expect(isShown && reason !== undefined && what !== "huge" && what !== "names", `${name} shows ${what}: the reason is out of date`).toBe(
      false,
    );
  }
}

const count = 60;
const patience = { attempts: 3, firstPauseMs: 1 };

interface Filled {
  readonly subject: StoreSubject;
  readonly old: Kek;
  readonly target: Kek;
  readonly put: (name: string) => Promise<void>;
  readonly migrationOf: (store: Migration["store"]) => Migration;
}

async function filled(subject: StoreSubject): Promise<Filled> {
  const [old, target] = [newKek("old"), newKek("new")];
  const put = async (name: string): Promise<void> => {
    const envelope = await seal(Buffer.from(name), [old]);
    await subject.put(name, subject.textOnly === true ? new Uint8Array(Buffer.from(toText(envelope))) : envelope);
  };
  for (let i = 0; i < count; i++) await put(`object ${i}`);
  return { subject, old, target, put, migrationOf: (store) => ({ store, from: [old], to: [target] }) };
}

async function expectMoved({ subject, target }: Filled, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const stored = (await subject.get(name)) ?? expect.unreachable(`${name} is lost`);
    const envelope = subject.textOnly === true ? fromText(Buffer.from(stored).toString()) : stored;
    expect(Buffer.from(await open(envelope, [target], { context: asStored() })).toString()).toBe(name);
  }
}

const firstNames = Array.from({ length: count }, (_, i) => `object ${i}`);

async function twoRuns(subject: StoreSubject): Promise<void> {
  const store = await filled(subject);
  const stores = [subject.store, await subject.another()];
  const books = await Promise.all(stores.map((one) => run(store.migrationOf(one), { concurrency: 8, patience })));
  for (const { scanned, classes, ok } of books) {
    expect(scanned).toBe(count);
    expect(outcomeClasses.reduce((sum, one) => sum + classes[one], 0)).toBe(count);
    expect(ok).toBe(true);
  }
  expect(books.reduce((sum, { classes }) => sum + classes.migrated, 0)).toBe(count);
  await expectMoved(store, firstNames);
}

async function twoHalves(subject: StoreSubject): Promise<void> {
  const store = await filled(subject);
  const controller = new AbortController();
  const reason = new Error("enough");
  let migrated = 0;
  const first = run(store.migrationOf(subject.store), {
    ...{ concurrency: 4, patience, signal: controller.signal },
    onProgress: (event) => {
      if (event.type === "object" && event.outcome.class === "migrated" && ++migrated === 7) controller.abort(reason);
    },
  });
  // A file of records is written once for all that wait, and then there may be nothing left to end.
  const ended = await first.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(ended === undefined ? migrated : ended).toBe(ended === undefined ? count : reason);
  const second = await run(store.migrationOf(await subject.another()), { patience });
  expect(second.ok).toBe(true);
  expect(migrated + second.classes.migrated).toBe(count);
  expect(second.classes.already).toBe(migrated);
  await expectMoved(store, firstNames);
}

/** Whatever the scan waits for at the instant when it is ended. */
async function endsWithReason(subject: StoreSubject): Promise<void> {
  const store = await filled(subject);
  for (let turns = 0; turns < 12; turns++) {
    const controller = new AbortController();
    const reason = new Error(`enough after ${turns} turns`);
    const scanning = verify(store.migrationOf(subject.store), { patience, signal: controller.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    controller.abort(reason);
    const ended = await scanning;
    if (ended !== undefined) expect(ended).toBe(reason);
  }
}

async function latecomers(subject: StoreSubject): Promise<void> {
  const store = await filled(subject);
  const coming = ["Aaa", "object 1a", "zzz"];
  let putting = Promise.resolve();
  let seen = 0;
  const first = await run(store.migrationOf(subject.store), {
    ...{ concurrency: 1, patience },
    onProgress: (event) => {
      if (event.type === "object" && ++seen === 10) putting = coming.reduce((last, name) => last.then(() => store.put(name)), putting);
    },
  });
  await putting;
  const all = count + coming.length;
  const verified = await verify(store.migrationOf(subject.store), { patience });
  expect(verified.scanned).toBe(all);
  expect(verified.notMigrated).toBe(all - first.classes.migrated);
  expect(verified.clean).toBe(verified.notMigrated === 0);
  expect(verified.exceptions.map(({ code }) => code)).toEqual(Array.from({ length: verified.notMigrated }, () => "no-matching-kek"));
  const second = await run(store.migrationOf(subject.store), { patience });
  expect(second.classes.migrated).toBe(verified.notMigrated);
  expect((await verify(store.migrationOf(await subject.another()), { patience })).clean).toBe(true);
  await expectMoved(store, [...firstNames, ...coming]);
}
