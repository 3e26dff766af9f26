import { setTimeout as wait } from "node:timers/promises";
import type { PauseSwitch } from "../pause-switch.ts";
import { type Fleet, keysOf, serverTime, withQueue } from "./fleet.ts";
import type { FleetEvent } from "./fleet-event.ts";
import { type HeldPartitions, reasonOf } from "./held-partitions.ts";
import { type Presence, removePresence, type WorkerState, writePresence } from "./presence.ts";
import { type RunHeader, readHeaders } from "./run-manifest.ts";

export interface Heartbeat {
  isPaused(): boolean;
  /** The worker is listed no more. */
  stop(): Promise<void>;
}

interface HeartbeatOptions {
  readonly id: string;
  readonly name: string;
  readonly stores: readonly string[];
  readonly held: HeldPartitions;
  readonly pause: PauseSwitch;
  readonly beatMs: number;
  readonly lockMs: number;
  readonly emit: (event: FleetEvent) => void;
  readonly sayTrouble: (reason: string) => void;
  readonly isEnding: () => boolean;
  /** Redis has answered, and the worker knows whether it is paused. */
  readonly onFirst: () => void;
  readonly onDrained: () => void;
}

/** Clocks that differ more are said to. */
const mostSkewMs = 10_000;

/** The rate is that of the last so many milliseconds. */
const rateMs = 10_000;

/** Tells the fleet of a worker, and the worker of the fleet. While Redis is away a beat waits, and the worker goes by what it knew. */
export function startHeartbeat(fleet: Fleet, options: HeartbeatOptions): Heartbeat {
  const { id, name, stores, held, pause, beatMs, lockMs, emit, sayTrouble, isEnding, onFirst, onDrained } = options;
  const keys = keysOf(fleet);
  const stopping = new AbortController();
  const lacks = new Set<string>();
  const samples: { readonly at: number; readonly scanned: number }[] = [];
  let isPaused = false;
  let isSkewSaid = false;
  let startedAt: number | undefined;

  const state = (): WorkerState => {
    if (isEnding()) return "draining";
    return isPaused ? "paused" : held.list().length > 0 ? "working" : "idle";
  };
  const obey = (shallPause: boolean, headers: ReadonlyMap<string, RunHeader>): void => {
    if (shallPause !== isPaused) {
      isPaused = shallPause;
      if (isPaused) pause.pause();
      else pause.resume();
      emit({ type: isPaused ? "paused" : "resumed" });
    }
    for (const { id: job, run, began } of held.list()) if (headers.get(run)?.began !== began) held.end(job, "cancelled");
  };
  const lookForLacks = async (headers: ReadonlyMap<string, RunHeader>): Promise<void> => {
    const wanted = new Set([...headers.values()].flatMap((header) => header.stores));
    for (const store of wanted) {
      if (stores.includes(store) || lacks.has(store)) continue;
      const left = await withQueue(fleet, store, (queue) => queue.getJobCountByTypes("waiting", "delayed"));
      if (left === 0) continue;
      lacks.add(store);
      emit({ type: "lacks", store });
    }
  };
  // The answer may have taken long, or the process may have stood still since: both ends must say so.
  const lookAtClock = (least: number, most: number): void => {
    const aheadMs = least > 0 ? least : Math.min(0, most);
    if (isSkewSaid || Math.abs(aheadMs) < mostSkewMs) return;
    isSkewSaid = true;
    emit({ type: "clock", aheadMs: Math.round(aheadMs) });
  };
  const beat = async (): Promise<void> => {
    const before = Date.now();
    const now = await serverTime(fleet);
    lookAtClock(before - now, Date.now() - now);
    const [paused, drained] = await fleet.connection.mget(keys.paused, keys.drained);
    const headers = await readHeaders(fleet);
    obey(paused !== null && paused !== undefined, headers);
    const isFirst = startedAt === undefined;
    startedAt ??= now;
    await lookForLacks(headers);
    const partitions = held.list().map(({ run, store, index, scanned }) => ({ run, store, index, scanned }));
    const scanned = held.scanned();
    const presence: Presence = {
      ...{ id, name, state: state(), stores, lacks: [...lacks], partitions, scanned, startedAt },
      perSecond: rate(samples, scanned),
      seenAt: now,
    };
    if (stopping.signal.aborted) return;
    await writePresence(fleet, presence);
    if (isFirst) onFirst();
    if (Number(drained ?? 0) > startedAt && !isEnding()) onDrained();
  };
  const beating = (async () => {
    while (!stopping.signal.aborted) {
      await beat().catch((error: unknown) => sayTrouble(reasonOf(error)));
      await wait(beatMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  // Without Redis no renewal fails: it does not come at all. The lock has run out all the same.
  const watch = setInterval(
    () => {
      const now = performance.now();
      for (const one of held.list()) if (now - one.lockedAt > lockMs) held.end(one.id, "lost");
    },
    Math.ceil(lockMs / 4),
  );
  watch.unref();

  return {
    isPaused: () => isPaused,
    async stop() {
      stopping.abort();
      clearInterval(watch);
      await beating;
      // It goes by itself after a day.
      await removePresence(fleet, id).catch((error: unknown) => sayTrouble(reasonOf(error)));
    },
  };
}

function rate(samples: { readonly at: number; readonly scanned: number }[], scanned: number): number {
  const at = performance.now();
  samples.push({ at, scanned });
  while (samples.length > 2 && at - (samples[0]?.at ?? at) > rateMs) samples.shift();
  const [first] = samples;
  if (first === undefined || at <= first.at) return 0;
  return Math.round(((scanned - first.scanned) * 1000) / (at - first.at));
}
