import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "bullmq";
import type { WalkOptions } from "../each-object.ts";
import { checkNames, type Migration } from "../migration.ts";
import { pauseSwitch } from "../pause-switch.ts";
import { checkFleet, type Fleet, keyPrefix, type QueuedPartition, queueName } from "./fleet.ts";
import type { FleetEvent } from "./fleet-event.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { holdPartitions, reasonOf } from "./held-partitions.ts";
import { requireSameTarget } from "./key-proof.ts";
import { type Entry, indexOfJob, type PartitionJob } from "./partition-job.ts";
import { isWanted } from "./run-manifest.ts";

export interface FleetWorkerOptions extends Pick<WalkOptions, "concurrency" | "memoryBytes" | "patience"> {
  /** How to open each store that this machine has, by the names of the run. Called with its first partition, and again after one that failed: its connections may be broken. */
  readonly stores: Readonly<Record<string, () => Migration | Promise<Migration>>>;
  /** For people; the host and the process id by default. */
  readonly name?: string | undefined;
  /** A partition whose worker gave no sign for so long goes to another, 30,000 milliseconds by default. It must be longer than anything that keeps the process from its timers. */
  readonly lockMs?: number | undefined;
  /** Between two signs of life, 1,000 milliseconds by default. As often it looks whether the fleet was paused, or its run cancelled. */
  readonly beatMs?: number | undefined;
  /** Before a partition that failed is tried again, 1,000 milliseconds by default. It doubles up to a minute, and never ends while the run is wanted. */
  readonly retryMs?: number | undefined;
  /** How long a worker that drains may still work on its partitions, 30,000 milliseconds by default. Then it hands them back. */
  readonly drainMs?: number | undefined;
  readonly onEvent?: ((event: FleetEvent) => void) | undefined;
}

export interface FleetWorker extends AsyncDisposable {
  readonly id: string;
  /** Resolves when it works no more: it was drained, or closed, or the fleet was drained. */
  readonly ended: Promise<void>;
  /** Takes no partition any more, finishes what it has, or hands it back after `drainMs`. Nothing is lost either way: another worker looks at a partition that was handed back anew. */
  drain(): Promise<void>;
  /** Hands back at once. What is being written is finished. */
  close(): Promise<void>;
}

const names: readonly string[] = [
  ...["stores", "name", "lockMs", "beatMs", "retryMs", "drainMs", "onEvent"],
  ...["concurrency", "memoryBytes", "patience"],
];
const longestRetryMs = 60_000;
/** The same trouble is said once in so long, and of different ones so many. */
const troubleMs = 10_000;
const mostTroubles = 10;
/** What writes are under way and Redis may take to end; then the locks of what is left run out by themselves. */
const clearedMs = 5_000;

/**
 * Works on the partitions of its stores, one of each store at a time, until it is drained or closed. It may be killed at any instant: its partitions go to others, who find
 * in the store what it did. A worker that was taken for dead writes nothing wrong, because every write compares, and enters nothing, because its lock is gone.
 */
export function fleetWorker(fleet: Fleet, options: FleetWorkerOptions): FleetWorker {
  return fleetWorkerWith({ endsLost: true, walked: async () => undefined }, fleet, options);
}

/** @internal What a campaign must miss when it is wrong: a walk that lost its partition ends, and its books are entered by nothing but the lock. */
export interface WorkerSeams {
  readonly endsLost: boolean;
  readonly walked: (entry: Entry) => Promise<void>;
}

/** @internal */
export function fleetWorkerWith(seams: WorkerSeams, fleet: Fleet, options: FleetWorkerOptions): FleetWorker {
  checkFleet(fleet);
  checkWorker(fleet, options);
  const { stores, name = `${hostname()} ${process.pid}`, onEvent, concurrency, memoryBytes, patience } = options;
  const { lockMs = 30_000, beatMs = 1_000, retryMs = 1_000, drainMs = 30_000 } = options;
  const id = randomUUID();
  const emit = (event: FleetEvent): void => onEvent?.(event);
  const troubles = new Map<string, number>();
  // A Redis that is full refuses a thousand times in a second.
  const sayTrouble = (reason: string): void => {
    const now = performance.now();
    for (const [said, at] of troubles) if (now - at > troubleMs) troubles.delete(said);
    if (troubles.has(reason) || troubles.size >= mostTroubles) return;
    troubles.set(reason, now);
    emit({ type: "trouble", reason });
  };
  const pause = pauseSwitch();
  const ended = Promise.withResolvers<void>();
  const gaveUp = Promise.withResolvers<void>();
  let ending: Promise<void> | undefined;
  let handBack: NodeJS.Timeout | undefined;
  let giveUp: NodeJS.Timeout | undefined;
  const proven = new Set<string>();
  const asked = {
    isEnding: () => ending !== undefined,
    isWanted: (job: PartitionJob) => isWanted(fleet, job),
    requireTarget: async (job: PartitionJob, migration: Migration, signal: AbortSignal): Promise<void> => {
      const what = `${job.began} ${job.store}`;
      if (!proven.has(what)) await requireSameTarget(fleet, job, migration, signal);
      proven.add(what);
    },
  };
  const held = holdPartitions({ concurrency, memoryBytes, patience, pause }, seams, asked, emit);

  const workers = Object.entries(stores).map(([store, open]) => {
    let opened: Promise<Migration> | undefined;
    const work = async (job: QueuedPartition, token: string | undefined): Promise<Entry> => {
      try {
        return await held.work(store, job, token, () => (opened ??= (async () => open())()));
      } catch (error) {
        // Its connections may be what failed.
        opened = undefined;
        throw error;
      }
    };
    const worker = new Worker<PartitionJob, Entry, string>(queueName(fleet, store), (job, token) => work(job, token), {
      connection: fleet.connection,
      prefix: keyPrefix,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: Math.ceil(lockMs / 2),
      // A partition is no worse for the workers that died over it.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: retryMs,
      settings: { backoffStrategy: (attempts) => Math.min(longestRetryMs, retryMs * 2 ** Math.min(attempts - 1, 30)) },
    });
    worker.on("completed", ({ id: jobId = "", data }, entry) => {
      emit({ type: "entered", run: data.run, store, index: indexOfJob(jobId), entry });
    });
    worker.on("lockRenewalFailed", (ids) => {
      for (const one of ids) held.end(one, "lost");
    });
    worker.on("locksRenewed", ({ jobIds }) => {
      for (const one of jobIds) held.renewed(one);
    });
    worker.on("error", (error) => {
      if (!isOfLostLock(error)) sayTrouble(reasonOf(error));
    });
    return worker;
  });

  const handBackAll = (): void => {
    for (const one of held.list()) held.end(one.id, "handed-back");
    giveUp = setTimeout(gaveUp.resolve, clearedMs);
  };
  const end = (graceMs: number): Promise<void> => {
    clearTimeout(handBack);
    // Who is paused finishes nothing, and who has nothing needs no time for it.
    handBack = setTimeout(handBackAll, heartbeat.isPaused() || held.list().length === 0 ? 0 : graceMs);
    ending ??= finishUp();
    return ending;
  };
  const finishUp = async (): Promise<void> => {
    emit({ type: "draining" });
    await Promise.race([Promise.allSettled(workers.map((worker) => worker.close())), gaveUp.promise]);
    clearTimeout(handBack);
    clearTimeout(giveUp);
    await Promise.race([heartbeat.stop(), wait(clearedMs, undefined, { ref: false })]);
    ended.resolve();
  };
  const heartbeat = startHeartbeat(fleet, {
    ...{ id, name, held, pause, emit, sayTrouble, beatMs, lockMs },
    stores: Object.keys(stores),
    isEnding: () => ending !== undefined,
    onFirst: () => {
      for (const worker of workers) worker.run().catch((error: unknown) => sayTrouble(reasonOf(error)));
    },
    onDrained: () => void end(drainMs),
  });

  return { id, ended: ended.promise, drain: () => end(drainMs), close: () => end(0), [Symbol.asyncDispose]: () => end(0) };
}

function checkWorker({ connection }: Fleet, options: FleetWorkerOptions): void {
  checkNames(options, names, "options");
  if (connection.options.maxRetriesPerRequest !== null)
    throw new TypeError("connection must have maxRetriesPerRequest: null, so that a worker waits while Redis is away");
  const { stores } = options;
  if (typeof stores !== "object" || stores === null || Object.values(stores).some((open) => typeof open !== "function"))
    throw new TypeError("stores must have a function for every name");
  if (Object.keys(stores).length === 0) throw new TypeError("stores must name at least one store");
  for (const name of ["lockMs", "beatMs", "retryMs", "drainMs"] as const) {
    const ms = options[name] ?? 1;
    if (!Number.isSafeInteger(ms) || ms < 1) throw new RangeError(`${name} must be a whole number of at least 1`);
  }
}

/** Said already: the walk was told that it lost its partition. What it came to after that is refused with one of these. */
function isOfLostLock({ message }: Error): boolean {
  return /^(Missing (lock|key)|Lock mismatch|Job .* is not in the active state|could not renew lock)/.test(message);
}
