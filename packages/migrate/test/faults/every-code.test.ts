import { asStored, type Kek, type KekOperation, LetterlockError, type LetterlockErrorCode, open, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type Books, isBalanced } from "../../src/books.ts";
import { classOfCode, finish, type MemoryStore, type Migration, memoryStore, type OutcomeClass, run, verify } from "../../src/index.ts";
import { faultyKek, newKek, versionedKek } from "../support/keys.ts";

/** SPEC section 9, as the table of classes has it: its type keeps it whole. */
const codes = Object.keys(classOfCode) as LetterlockErrorCode[];
/** Those that a KEK can say. Another code in the mouth of a KEK is an error of the provider. */
const ofKeks: readonly string[] = [
  "access-denied",
  "kek-not-found",
  "kek-unusable",
  "not-authentic",
  "throttled",
  "unavailable",
  "provider-error",
];
const retryable: readonly string[] = ["throttled", "unavailable"];
const ids = ["a", "b", "c"];
const walk = { concurrency: 1, patience: { attempts: 2, firstPauseMs: 1 } };

interface World {
  readonly store: MemoryStore;
  readonly old: Kek;
  readonly target: Kek;
}

interface Step {
  /** Brings the store to where the step begins. */
  before(world: World): Promise<void>;
  run(migration: Migration): Promise<readonly Books[]>;
  /** The class of an object whose call, the nth of its kind in the step, ended with a code that is not retried. */
  ends(of: string, code: LetterlockErrorCode, nth: number): OutcomeClass;
  /** What is `done` when nothing fails. */
  readonly done: OutcomeClass;
  /** The KEKs and operations that it calls. */
  readonly calls: readonly string[];
}

const steps: Record<string, Step> = {
  run: {
    before: async () => undefined,
    run: async (migration) => [await run(migration, walk)],
    // What the target says of an object that does not name it is no damage of that object.
    ends: (of, code) => (of === "old" ? classOfCode[code] : "failed"),
    done: "migrated",
    calls: ["old unwrap", "target wrap", "target unwrap"],
  },
  "run that keeps": {
    before: async () => undefined,
    run: async (migration) => [await run(migration, { ...walk, keep: true })],
    ends: (of, code) => (of === "old" ? classOfCode[code] : "failed"),
    done: "migrated",
    calls: ["old unwrap", "target wrap", "target unwrap"],
  },
  "run inside the provider": {
    before: async ({ store, old, target }) => {
      await run({ store, from: [old], to: [target] });
      (target as ReturnType<typeof versionedKek>).rotate();
    },
    run: async (migration) => [await run({ ...migration, from: [] }, { ...walk, blind: true })],
    ends: (_of, code) => classOfCode[code],
    done: "migrated",
    calls: ["target rewrap"],
  },
  verify: {
    before: async ({ store, old, target }) => void (await run({ store, from: [old], to: [target] }, { keep: true })),
    run: async (migration) => [await verify(migration, walk)],
    ends: (_of, code) => classOfCode[code],
    done: "already",
    calls: ["target unwrap"],
  },
  finish: {
    before: async ({ store, old, target }) => void (await run({ store, from: [old], to: [target] }, { keep: true })),
    run: async (migration) => {
      const { finished, verified, removed } = await finish(migration, walk);
      expect(finished).toBe(verified.clean);
      return removed === undefined ? [verified] : [verified, removed];
    },
    // Once for each in verify, and then twice for each: the second looks at what is about to be written.
    ends: (_of, code, nth) => (nth > 3 && (nth - 3) % 2 === 0 ? "failed" : classOfCode[code]),
    done: "migrated",
    calls: ["target unwrap"],
  },
};

async function newWorld(step: Step): Promise<World> {
  const world = { store: memoryStore(), old: newKek("old"), target: versionedKek("new") };
  for (const id of ids) world.store.put(id, await seal(Buffer.from(id), [world.old]));
  await step.before(world);
  return world;
}

/** Runs a step while the nth of its calls to the named KEK and operation fails with a code. Tells how many there were. */
async function failingAt(step: Step, { store, old, target }: World, call: string, nth: number, code: LetterlockErrorCode | undefined) {
  const [of, operation] = call.split(" ") as ["old" | "target", KekOperation];
  let calls = 0;
  const failing = (kek: Kek, name: string): Kek => {
    if (name !== of) return kek;
    if (code === undefined || ofKeks.includes(code))
      return faultyKek(kek, (called) => (called === operation && ++calls === nth ? (code as "throttled") : undefined));
    return faultyKek(kek, (called) => {
      if (called === operation && ++calls === nth) throw new LetterlockError(code, "said by a KEK");
      return undefined;
    });
  };
  const books = await step.run({ store, from: [failing(old, "old")], to: [failing(target, "target")] });
  return { books, calls };
}

const table = Object.entries(steps).flatMap(([name, step]) => step.calls.map((call) => [name, call, step] as const));

describe.each(table)("%s, %s", (_name, call, step) => {
  test.each(codes)("ends in its class with %s at every call, loses nothing, and another finishes", async (code) => {
    const known = ofKeks.includes(code) ? code : "provider-error";
    const [of = ""] = call.split(" ");
    const { calls, books: undisturbed } = await failingAt(step, await newWorld(step), call, 0, undefined);
    expect(calls).toBeGreaterThanOrEqual(ids.length);
    expect(undisturbed.at(-1)?.classes[step.done]).toBe(ids.length);
    for (let nth = 1; nth <= calls; nth++) {
      const world = await newWorld(step);
      const { books } = await failingAt(step, world, call, nth, code);
      expect(books.every(isBalanced)).toBe(true);
      const last = books.at(-1) as Books;
      expect(last.scanned).toBe(ids.length);
      const isRetried = retryable.includes(known);
      expect(last.ok, `call ${nth}`).toBe(isRetried);
      const done = last.classes.migrated + last.classes.already;
      expect(done, `call ${nth}`).toBe(isRetried ? ids.length : ids.length - 1);
      if (!isRetried) expect(last.classes[step.ends(of, known, nth)], `call ${nth}`).toBe(1);
      await expectWhole(world, [world.old, world.target]);
      const [again] = (await step.run({ store: world.store, from: [world.old], to: [world.target] })).slice(-1);
      expect(again?.ok).toBe(true);
      await expectWhole(world, [world.target]);
    }
  });
});

async function expectWhole({ store }: World, keks: readonly Kek[]): Promise<void> {
  for (const id of ids) {
    const object = store.get(id) ?? new Uint8Array();
    expect(Buffer.from(await open(object, keks, { context: asStored() })).toString()).toBe(id);
  }
}

test("a provider that is throttled or away for good ends in failed, for every operation", async () => {
  for (const [name, call, step] of table) {
    for (const code of ["throttled", "unavailable"] as const) {
      const world = await newWorld(step);
      const [of, operation] = call.split(" ");
      const away = (kek: Kek, who: string): Kek =>
        who === of ? faultyKek(kek, (called) => (called === operation ? code : undefined)) : kek;
      const books = await step.run({ store: world.store, from: [away(world.old, "old")], to: [away(world.target, "target")] });
      expect(books, `${name}, ${call}`).toHaveLength(1);
      expect(books[0], `${name}, ${call}`).toMatchObject({
        scanned: ids.length,
        ok: false,
        classes: { failed: ids.length },
        codes: { [code]: ids.length },
      });
      await expectWhole(world, [world.old, world.target]);
    }
  }
});
