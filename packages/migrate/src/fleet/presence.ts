import { type Fleet, keysOf, serverTime } from "./fleet.ts";

export type WorkerState = "idle" | "working" | "paused" | "draining";

/** What a worker says of itself with every sign of life. */
export interface Presence {
  readonly id: string;
  /** For people: the machine and the process. */
  readonly name: string;
  readonly state: WorkerState;
  readonly stores: readonly string[];
  /** Stores with waiting partitions that its configuration does not have. Others must do them. */
  readonly lacks: readonly string[];
  /** What it works on now. */
  readonly partitions: readonly { readonly run: string; readonly store: string; readonly index: number; readonly scanned: number }[];
  /** Objects since it was started, those of partitions that it lost to others among them. */
  readonly scanned: number;
  readonly perSecond: number;
  /** In milliseconds of the Redis server. */
  readonly startedAt: number;
  readonly seenAt: number;
}

/** A worker that was killed takes nothing away. What is left of it goes after a day. */
const keptMs = 24 * 60 * 60 * 1000;

export async function writePresence(fleet: Fleet, presence: Presence): Promise<void> {
  await fleet.connection.hset(keysOf(fleet).workers, presence.id, JSON.stringify(presence));
}

export async function removePresence(fleet: Fleet, ...ids: string[]): Promise<void> {
  if (ids.length > 0) await fleet.connection.hdel(keysOf(fleet).workers, ...ids);
}

/** With the milliseconds since the last sign of each. */
export async function readPresences(fleet: Fleet): Promise<readonly (Presence & { readonly silentMs: number })[]> {
  const now = await serverTime(fleet);
  const all = Object.values(await fleet.connection.hgetall(keysOf(fleet).workers))
    .map((text) => JSON.parse(text) as Presence)
    .map((presence) => ({ ...presence, silentMs: Math.max(0, Math.round(now - presence.seenAt)) }));
  const gone = all.filter(({ silentMs }) => silentMs > keptMs);
  await removePresence(fleet, ...gone.map(({ id }) => id));
  return all.filter((one) => !gone.includes(one)).sort((a, b) => a.startedAt - b.startedAt);
}
