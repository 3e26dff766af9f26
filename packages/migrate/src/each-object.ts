import { setImmediate as nextTurn } from "node:timers/promises";
import { unlessAborted } from "./abortable.ts";
import { type Books, isBalanced, type OpenBooks, openBooks } from "./books.ts";
import { byteBudget } from "./byte-budget.ts";
import type { EnvelopeStore, StoredObject } from "./envelope-store.ts";
import type { Step } from "./move-object.ts";
import { openCount } from "./open-count.ts";
import { isWorthAnotherTry, type Outcome, type OutcomeClass } from "./outcome.ts";
import { createPace } from "./pace.ts";
import type { PauseSwitch } from "./pause-switch.ts";

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for every object that ended, and when the pace changes. */
  readonly onProgress?: ((event: Progress) => void) | undefined;
  /** How many objects are worked on at once, 32 by default: as many as the provider's rate times its latency. There are fewer when a provider throttles, and more again while it answers. */
  readonly concurrency?: number | undefined;
  /** Bytes of objects in memory, 256 MiB by default. A larger object is worked on alone. */
  readonly memoryBytes?: number | undefined;
  /** Only these, of those that the store gave: the share of one machine. All of them by default. */
  readonly partitions?: readonly string[] | undefined;
  /** Classes that do not keep the books from being ok: "foreign" where other things lie in the same store. */
  readonly accept?: readonly OutcomeClass[] | undefined;
  /** How often a throttled or unavailable provider is asked about one object, 8 by default, and the first pause, which doubles: 200 milliseconds by default. */
  readonly patience?: { readonly attempts?: number | undefined; readonly firstPauseMs?: number | undefined } | undefined;
  /** Holds the run between two objects. */
  readonly pause?: PauseSwitch | undefined;
}

export type Progress =
  | { readonly type: "object"; readonly outcome: Outcome; readonly books: () => Books }
  | { readonly type: "pace"; readonly concurrency: number };

export const walkNames: readonly string[] = [
  "signal",
  "onProgress",
  "concurrency",
  "memoryBytes",
  "partitions",
  "accept",
  "patience",
  "pause",
];

/** Looks at an object once more where it is not the last word: after these passes it is. */
const passes = 3;
/** Objects of one partition that are looked at once more. The rest keeps its class until the next run. */
const mostAgain = 10_000;

export interface Work {
  step(object: StoredObject, signal: AbortSignal): Promise<Step>;
  /** How much of an object it reads, in bytes. */
  reads(object: StoredObject): number;
}

/**
 * Puts every object of a store through `work`, many at once in bounded memory, and enters how each ended. A store whose scan fails rejects, and so does an abort:
 * what was written stays written, and the same call goes on from there.
 */
export async function eachObject(store: EnvelopeStore, work: Work, options: WalkOptions): Promise<Books> {
  const walk = readWalk(options);
  const books = openBooks(walk.accept);
  for (const partition of walk.partitions ?? (await unlessAborted(walk.signal, store.partitions(1)))) {
    let again: Again = new Map();
    for (let pass = 1; pass <= passes && (pass === 1 || again.size > 0); pass++)
      again = await onePass({ store, work, walk, books, partition }, again, pass);
  }
  const result = books.read();
  if (!isBalanced(result)) throw new Error(`the books do not balance: ${JSON.stringify(result.classes)} of ${result.scanned}`);
  return result;
}

/** Where an object was in the scan, and the cursor before it. */
interface Place {
  readonly order: number;
  readonly after: string | undefined;
}

/** Objects to look at once more. */
type Again = Map<string, Place & { readonly size: number }>;

interface Pass {
  readonly store: EnvelopeStore;
  readonly work: Work;
  readonly walk: Walk;
  readonly books: OpenBooks;
  readonly partition: string;
}

/** The first pass looks at everything, a later one at what the one before left. */
async function onePass({ store, work, walk, books, partition }: Pass, left: Again, pass: number): Promise<Again> {
  const { pace, budget, signal, attempts, onProgress, pause } = walk;
  const again: Again = new Map();
  const wanted = new Set(left.keys());
  const running = openCount();
  let fatal: { readonly error: unknown } | undefined;
  let before = [...left.values()].sort((a, b) => a.order - b.order)[0]?.after;
  let order = 0;

  const enter = (outcome: Outcome, size: number): void => {
    books.enter(outcome, size);
    onProgress?.({ type: "object", outcome, books: books.read });
  };
  const patiently = async (object: StoredObject): Promise<Step> => {
    for (let attempt = 1; ; attempt++) {
      const pausing = pace.ready(signal);
      if (pausing !== undefined) await pausing;
      // One that a provider in trouble let wait is not asked about again before the run goes on.
      if (pause !== undefined && attempt > 1) await pause.passable(signal);
      const step = await work.step(object, signal);
      const isImpatient = !("write" in step) && (step.code === "throttled" || step.code === "unavailable");
      if (!isImpatient) pace.quicken();
      if (!isImpatient || attempt >= attempts) return step;
      const was = pace.concurrency;
      const rested = pace.rest(attempt, step.retryAfterMs ?? 0, signal);
      if (pace.concurrency !== was) onProgress?.({ type: "pace", concurrency: pace.concurrency });
      await rested;
    }
  };
  const settle = async (object: StoredObject, place: Place, weight: number): Promise<void> => {
    try {
      const step = await patiently(object).finally(pace.leave);
      const outcome = "write" in step ? await step.write() : step;
      const isLast = pass === passes || again.size >= mostAgain || again.has(object.id);
      if (!isLast && isWorthAnotherTry(outcome, "write" in step)) again.set(object.id, { ...place, size: object.size });
      else enter(outcome, object.size);
    } catch (error) {
      fatal ??= { error };
    } finally {
      budget.give(weight);
      running.end();
    }
  };

  try {
    for await (const object of store.scan(partition, { ...(before !== undefined && { after: before }), signal })) {
      const place = { order: order++, after: before };
      before = object.cursor;
      if (order % turnObjects === 0) await nextTurn();
      if (pass > 1 && !wanted.delete(object.id)) continue;
      const weight = overheadBytes + 3 * work.reads(object);
      if (pause !== undefined) await pause.passable(signal);
      // What is there already is taken without a promise: there are many objects, and most find room.
      const wait = budget.take(weight);
      if (wait !== undefined) await wait;
      const room = pace.room();
      if (room !== undefined) await room;
      if (fatal !== undefined || signal.aborted) {
        budget.give(weight);
        break;
      }
      running.begin();
      pace.begin(() => void settle(object, place, weight));
      if (pass > 1 && wanted.size === 0) break;
    }
  } finally {
    await running.atMost(0);
  }
  signal.throwIfAborted();
  if (fatal !== undefined) throw fatal.error;
  for (const id of wanted) enter({ id, class: "gone" }, left.get(id)?.size ?? 0);
  return again;
}

/** Where neither store nor KEK waits for anything, timers and signals would not be heard before the end; after so many objects they are. */
const turnObjects = 64;

/** An object is in memory as it is read, taken apart, and put together to be written; and with it a page's row, promises and closures. */
const overheadBytes = 24_576;

interface Walk {
  readonly pace: ReturnType<typeof createPace>;
  readonly budget: ReturnType<typeof byteBudget>;
  readonly signal: AbortSignal;
  readonly attempts: number;
  readonly partitions: readonly string[] | undefined;
  readonly accept: readonly OutcomeClass[];
  readonly onProgress: WalkOptions["onProgress"];
  readonly pause: PauseSwitch | undefined;
}

function readWalk(options: WalkOptions): Walk {
  const { concurrency = 32, memoryBytes = 256 * 1024 * 1024, partitions, accept = [], onProgress, pause, patience = {} } = options;
  const { attempts = 8, firstPauseMs = 200 } = patience;
  const signal = options.signal ?? new AbortController().signal;
  checkCount("concurrency", concurrency);
  checkCount("memoryBytes", memoryBytes);
  checkCount("patience.attempts", attempts);
  checkCount("patience.firstPauseMs", firstPauseMs);
  signal.throwIfAborted();
  return {
    pace: createPace(concurrency, firstPauseMs),
    budget: byteBudget(memoryBytes),
    ...{ signal, attempts, partitions, accept, onProgress, pause },
  };
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1`);
}
