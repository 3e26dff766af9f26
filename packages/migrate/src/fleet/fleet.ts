import { type Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { checkNames } from "../migration.ts";
import type { Entry, PartitionJob } from "./partition-job.ts";

/** Machines that share the work through one Redis. */
export interface Fleet {
  /** A client of ioredis. It stays its owner's. That of a worker must have `maxRetriesPerRequest: null`, so that a worker waits while Redis is away. */
  readonly connection: Redis;
  /** Names the fleet among others in the same Redis; "migrate" by default. Letters, digits, "-", "_" and ".". */
  readonly queue?: string | undefined;
}

export type PartitionQueue = Queue<PartitionJob, Entry, string>;
export type QueuedPartition = Job<PartitionJob, Entry, string>;

export const keyPrefix = "letterlock";

/** Books go into the event stream of BullMQ too, which nobody here reads. */
const mostEvents = 100;

export function checkFleet(fleet: Fleet): void {
  checkNames(fleet, ["connection", "queue"], "fleet");
  if (typeof fleet.connection?.duplicate !== "function") throw new TypeError("connection must be a client of ioredis");
  if (!/^[\w.-]{1,100}$/.test(queueOf(fleet))) throw new TypeError("queue must be letters, digits, dots, - and _, and at most 100 of them");
}

function queueOf({ queue = "migrate" }: Fleet): string {
  return queue;
}

/** Each store has a queue of its own: a worker takes from those of the stores that it has, and a partition never goes to one that lacks its store. */
export function queueName(fleet: Fleet, store: string): string {
  // The names of fleets may have dots. The one before the store is the last.
  return `${queueOf(fleet)}.${encodeURIComponent(store).replaceAll(".", "%2E")}`;
}

export interface FleetKeys {
  /** A hash: the id of a run to its `RunHeader`. */
  readonly runs: string;
  /** A hash: the name of a store to its `StoreManifest`. `began`: that of the header. */
  run(id: string, began: string): string;
  /** A hash: the name of a store to what its target sealed, in base64. */
  proofs(id: string, began: string): string;
  /** A set of all names that ever had a queue. */
  readonly stores: string;
  /** There while the fleet is paused. */
  readonly paused: string;
  /** When the fleet was last drained, in milliseconds of the Redis server. */
  readonly drained: string;
  /** A hash: the id of a worker to its `Presence`. */
  readonly workers: string;
}

export function keysOf(fleet: Fleet): FleetKeys {
  const base = `${keyPrefix}:${queueOf(fleet)}:fleet`;
  return {
    runs: `${base}:runs`,
    run: (id, began) => `${base}:run:${id}:${began}`,
    proofs: (id, began) => `${base}:proofs:${id}:${began}`,
    stores: `${base}:stores`,
    paused: `${base}:paused`,
    drained: `${base}:drained`,
    workers: `${base}:workers`,
  };
}

export async function withQueue<T>(fleet: Fleet, store: string, use: (queue: PartitionQueue) => Promise<T>): Promise<T> {
  const queue: PartitionQueue = new Queue(queueName(fleet, store), {
    connection: fleet.connection,
    prefix: keyPrefix,
    streams: { events: { maxLen: mostEvents } },
    // It would print what it found, with every use. `evictionPolicy` tells, and workers look at the version.
    skipVersionCheck: true,
  });
  // A command that fails rejects; without a listener the connection's own report of it would end the process.
  queue.on("error", () => undefined);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

/** What a Redis that is full does with keys, where that is anything but to refuse more: "allkeys-lru". It could take partitions and books away. */
export async function evictionPolicy({ connection }: Fleet): Promise<string | undefined> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await connection.info("memory"))?.[1];
  return policy === "noeviction" ? undefined : policy;
}

/** Milliseconds, by the clock of the Redis server: those of the machines need not agree. */
export async function serverTime({ connection }: Fleet): Promise<number> {
  const [seconds, microseconds]: readonly (number | string)[] = await connection.time();
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}
