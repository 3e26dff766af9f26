import { Context, Kek, KekUnwrapper, LetterlockErrorCode, ObjectInfo, Recipient } from "@letterlock/core";
import { Redis } from "ioredis";
/** One envelope, key blob or record, as a store holds it: the bytes of the object, or its text form in UTF-8. */
interface StoredObject {
  /** Names the object within its store, and nothing else ever. For people too: a path, a primary key, an object key. */
  readonly id: string;
  /** Names what is stored now: another content is another version. `replace` compares it. */
  readonly version: string;
  /** In bytes. */
  readonly size: number;
  /** Where a scan of the same partition can go on after this object. Opaque. */
  readonly cursor: string;
  /** The whole object, in a buffer that the caller may keep. */
  read(): Promise<Uint8Array>;
  /** The first `bytes` of it, or all where there are fewer. */
  readHead(bytes: number): Promise<Uint8Array>;
}
/**
 * Where envelopes and key blobs lie. Every member may reject: an object that cannot be read or written is then "failed", and a scan that fails ends the run.
 * `storeCases` are the contract, and `testStore` of "@letterlock/migrate/vitest" proves it.
 */
interface EnvelopeStore {
  /** For people: "postgres app.users.ssn". */
  readonly description: string;
  /** About `target` parts of the store, at least one: disjoint, together everything, stable, opaque. */
  partitions(target: number): Promise<readonly string[]>;
  /** What exists during the whole scan is listed once; what comes or goes meanwhile, once or not at all. `after` is the cursor of an object, which need not exist any more;
   *  where the store was changed since, objects before it may be listed again. */
  scan(partition: string, options: {
    readonly after?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<StoredObject>;
  /** Compare-and-swap: writes only while the version is still `expected`. Durable when it resolves. Calls may be grouped, so many may wait at once. */
  replace(id: string, expected: string, object: Uint8Array): Promise<Replaced>;
  /** Large objects: the first `replaces` bytes give way to `bytes`, without moving the rest through this process. */
  replaceHead?(id: string, expected: string, head: NewHead): Promise<Replaced>;
}
type Replaced = "replaced" | "conflict" | "gone";
interface NewHead {
  readonly bytes: Uint8Array;
  readonly replaces: number;
}
/** What is to be moved, and between which keys. */
interface Migration {
  readonly store: EnvelopeStore;
  /** Who opens the objects today, in the order in which they are tried. Their recipients are the old ones. */
  readonly from: readonly KekUnwrapper[];
  /** Who shall open them: each object gets a recipient for every one. Both halves, because nothing is written that did not open again. */
  readonly to: readonly Kek[];
  /** The values of detached context keys, for objects that have any. Without it such an object is "context-mismatch". */
  readonly detached?: ((object: {
    readonly id: string;
    readonly info: ObjectInfo;
  }) => Context) | undefined;
  /** As in core: KEKs that anybody with a public key can wrap for open nothing. */
  readonly requireAuthenticatedWrap?: boolean | undefined;
}
/** How an object ended. Each ends in exactly one class. */
type OutcomeClass = "migrated" | "already" | "gone" | "foreign" | "quarantined" | "conflict" | "failed";
interface Outcome {
  readonly id: string;
  readonly class: OutcomeClass;
  /** Where an error decided: its code; "store" for an error of the store, "not-verified" where what was wrapped for the target did not open again. */
  readonly code?: LetterlockErrorCode | "store" | "not-verified" | undefined;
  /** For people. Never key material or plaintext. */
  readonly reason?: string | undefined;
  /** Migrated inside the provider, so that nobody has opened it with the target yet. */
  readonly unverified?: true | undefined;
}
/** What became of everything that was scanned. The classes add up to `scanned`. */
interface Books {
  readonly scanned: number;
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  /** How often each code decided: "not-authentic", "store". */
  readonly codes: Readonly<Record<string, number>>;
  /** Of the migrated: those that nobody has opened with the target yet. */
  readonly unverified: number;
  /** In bytes, of what was scanned. */
  readonly bytes: number;
  /** The first outcomes that are neither migrated, already nor gone; at most 100. */
  readonly exceptions: readonly Outcome[];
  /** No object is foreign, quarantined, conflict or failed, other than in classes that were accepted. */
  readonly ok: boolean;
}
/** Holds a run between two objects. What has begun is finished. */
interface PauseSwitch {
  pause(): void;
  resume(): void;
  /** Resolves while not paused. Rejects with `signal.reason`. */
  passable(signal: AbortSignal): Promise<void>;
}
interface WalkOptions {
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
  readonly patience?: {
    readonly attempts?: number | undefined;
    readonly firstPauseMs?: number | undefined;
  } | undefined;
  /** Holds the run between two objects. */
  readonly pause?: PauseSwitch | undefined;
}
type Progress = {
  readonly type: "object";
  readonly outcome: Outcome;
  readonly books: () => Books;
} | {
  readonly type: "pace";
  readonly concurrency: number;
};
interface RunOptions extends WalkOptions {
  /**
   * The recipients that stay beside the target: true for all, so that old and new keys both open during the transition and `finish` ends it; or a function that is
   * asked about each. By default those that nobody in `from` owns stay: they are no part of the migration.
   */
  readonly keep?: boolean | ((recipient: Recipient) => boolean) | undefined;
  /** Wraps again what names an older version of its key in `to` than that key wraps with now. The version is a hint that nobody authenticates (SPEC 10.2). */
  readonly refresh?: boolean | undefined;
  /**
   * Refreshes inside the provider, which every KEK in `to` must be able to: no data key is seen, and so nothing is compared. A provider that answers with the ciphertext
   * of another data key leaves an object that nobody opens, and its old header is gone. What was written is `unverified`; `verify` opens it, and `finish` does so before
   * anything else. It makes new versions of the same key and no move to another one, so `from` and `keep` have no part in it: an object without a recipient of `to` is
   * quarantined as "no-matching-kek".
   */
  readonly blind?: boolean | undefined;
}
/** Objects that open are "already". */
interface Verified extends Books {
  /** Every object opens with every key of the target alone, other than those in classes that were accepted. */
  readonly clean: boolean;
  /** Ours, and without a recipient of the target. After a run: something still seals for the old key alone. */
  readonly notMigrated: number;
  /** Objects that an old key could open too. `finish` takes those recipients away. */
  readonly withOldRecipients: number;
  /** Records, which open with their key blob: nothing is known of them here. Counted among "already". */
  readonly records: number;
}
type FleetOperation = "run" | "verify" | "finish";
/** The options of a run that every machine must share. Those of a machine, such as its concurrency, are its worker's. */
type SharedOptions = Pick<RunOptions, "refresh" | "blind" | "accept"> & {
  readonly keep?: boolean | undefined;
};
type VerifiedCounts = Pick<Verified, "notMigrated" | "withOldRecipients" | "records">;
/** What a partition came to. It is entered once: BullMQ takes it from whoever holds the lock of the partition, and from nobody else. */
interface Entry {
  readonly books: Books;
  /** Of verify, and of finish, which verifies first. */
  readonly verified?: VerifiedCounts | undefined;
  /** finish: it was not clean, and stays as it was. */
  readonly refused?: true | undefined;
}
/** Machines that share the work through one Redis. */
interface Fleet {
  /** A client of ioredis. It stays its owner's. That of a worker must have `maxRetriesPerRequest: null`, so that a worker waits while Redis is away. */
  readonly connection: Redis;
  /** Names the fleet among others in the same Redis; "migrate" by default. Letters, digits, "-", "_" and ".". */
  readonly queue?: string | undefined;
}
interface FleetWork extends SharedOptions {
  readonly operation: FleetOperation;
  /** By the names under which workers have them. Here they are asked for their partitions only. */
  readonly stores: Readonly<Record<string, Migration>>;
  /** Into about how many parts each store is cut, 100 by default. A part takes minutes rather than hours, because whoever takes one over from a dead worker reads it again. */
  readonly partitions?: number | undefined;
  /** Names the run, with at most 64 letters, digits, "-" and "_"; random by default. To enqueue the same run again adds what is missing, and nothing twice. */
  readonly run?: string | undefined;
  /** finish: the id of the verification that was clean. Required, because no worker sees more than its own partition. */
  readonly verified?: string | undefined;
}
/**
 * Queues every partition of some stores, and gives the id of the run. A crash in between leaves what was queued: enqueue again with the same `run`. An operation
 * of "finish" rejects unless `verified` names a complete and clean verification of the same stores for the same keys.
 */
declare function enqueue(fleet: Fleet, work: FleetWork): Promise<string>;
/** No worker takes a partition any more, and those that work hold between two objects, at their next sign of life. `fleetStatus` says when all have. */
declare function pauseFleet(fleet: Fleet): Promise<void>;
declare function resumeFleet(fleet: Fleet): Promise<void>;
/** Every worker that runs now ends as by its own `drain`. Workers that are started later work. */
declare function drainFleet(fleet: Fleet): Promise<void>;
/**
 * The run is not wanted any more: partitions that wait are not taken, those that are worked on end between two objects at the next sign of life, and its books go. What
 * was written stays written. For a run that is complete: its books are not needed any more.
 */
declare function cancelRun(fleet: Fleet, run: string): Promise<void>;
/** One partition of a run, as people and logs name it. */
interface PartitionName {
  readonly run: string;
  readonly store: string;
  readonly index: number;
}
/** What a worker says while it works. */
type FleetEvent = (PartitionName & {
  readonly type: "taken";
}) | (PartitionName & {
  readonly type: "progress";
  readonly progress: Progress;
}) |
/** The partition is done, and its books are entered. */
(PartitionName & {
  readonly type: "entered";
  readonly entry: Entry;
}) |
/** Its store was away, or the configuration is not that of the run. Somebody will try again. */
(PartitionName & {
  readonly type: "failed";
  readonly reason: string;
}) |
/** The lock was not renewed in time, and another worker has the partition, or will. Nothing of it is entered here. */
(PartitionName & {
  readonly type: "lost";
}) |
/** This worker ends, or the run was cancelled. */
(PartitionName & {
  readonly type: "handed-back" | "cancelled";
}) |
/** A store has waiting partitions, and this worker does not have it. Said once for each. */
{
  readonly type: "lacks";
  readonly store: string;
} | {
  readonly type: "paused" | "resumed" | "draining";
} |
/** The clock of this machine is so many milliseconds before that of the Redis server, or behind it. Partitions that failed here wait that much longer for others. Said once. */
{
  readonly type: "clock";
  readonly aheadMs: number;
} |
/** Redis is in trouble. The worker waits. */
{
  readonly type: "trouble";
  readonly reason: string;
};
type WorkerState = "idle" | "working" | "paused" | "draining";
/** What a worker says of itself with every sign of life. */
interface Presence {
  readonly id: string;
  /** For people: the machine and the process. */
  readonly name: string;
  readonly state: WorkerState;
  readonly stores: readonly string[];
  /** Stores with waiting partitions that its configuration does not have. Others must do them. */
  readonly lacks: readonly string[];
  /** What it works on now. */
  readonly partitions: readonly {
    readonly run: string;
    readonly store: string;
    readonly index: number;
    readonly scanned: number;
  }[];
  /** Objects since it was started, those of partitions that it lost to others among them. */
  readonly scanned: number;
  readonly perSecond: number;
  /** In milliseconds of the Redis server. */
  readonly startedAt: number;
  readonly seenAt: number;
}
/** One view of everything that the fleet does. */
interface FleetStatus {
  readonly isPaused: boolean;
  /** What this Redis does when it is full, "allkeys-lru": it could lose partitions and books. undefined where it is "noeviction", as it should be. */
  readonly evicts: string | undefined;
  readonly runs: readonly RunStatus[];
  /** In the order in which they were started. `silentMs`: since the last sign of life. One that was killed is listed for a day. */
  readonly workers: readonly (Presence & {
    readonly silentMs: number;
  })[];
}
interface RunStatus {
  readonly run: string;
  readonly operation: FleetOperation;
  readonly stores: readonly StoreStatus[];
  /** Of the partitions that are done. */
  readonly books: Books;
  /** Every partition is done. */
  readonly isComplete: boolean;
  /** Complete, and the books are ok; of finish: nothing was refused. */
  readonly ok: boolean;
}
interface StoreStatus {
  readonly store: string;
  readonly description: string;
  /** False where whoever enqueued the run was interrupted before its partitions were known. Enqueue it again. */
  readonly isCut: boolean;
  readonly partitions: number;
  /** These five add up to `partitions`. */
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  /** They were tried, could not be worked on, and wait for the next try: `troubles` says why. */
  readonly failed: number;
  /** Not queued: whoever enqueued the run was interrupted. Enqueue it again. */
  readonly missing: number;
  readonly books: Books;
  /** Of verify and finish. */
  readonly verified: VerifiedCounts;
  /** finish: partitions that were not clean and stay as they were. */
  readonly refused: number;
  /** The first of the failed; at most 10. */
  readonly troubles: readonly {
    readonly index: number;
    readonly attempts: number;
    readonly reason: string;
  }[];
}
/** All runs that were not cancelled, or the one that is named; none where there is no such run. */
declare function fleetStatus(fleet: Fleet, { run: wanted }?: {
  readonly run?: string | undefined;
}): Promise<FleetStatus>;
interface FleetWorkerOptions extends Pick<WalkOptions, "concurrency" | "memoryBytes" | "patience"> {
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
interface FleetWorker extends AsyncDisposable {
  readonly id: string;
  /** Resolves when it works no more: it was drained, or closed, or the fleet was drained. */
  readonly ended: Promise<void>;
  /** Takes no partition any more, finishes what it has, or hands it back after `drainMs`. Nothing is lost either way: another worker looks at a partition that was handed back anew. */
  drain(): Promise<void>;
  /** Hands back at once. What is being written is finished. */
  close(): Promise<void>;
}
/**
 * Works on the partitions of its stores, one of each store at a time, until it is drained or closed. It may be killed at any instant: its partitions go to others, who find
 * in the store what it did. A worker that was taken for dead writes nothing wrong, because every write compares, and enters nothing, because its lock is gone.
 */
declare function fleetWorker(fleet: Fleet, options: FleetWorkerOptions): FleetWorker;
export { type Entry, type Fleet, type FleetEvent, type FleetOperation, type FleetStatus, type FleetWork, type FleetWorker, type FleetWorkerOptions, type PartitionName, type Presence, type RunStatus, type SharedOptions, type StoreStatus, type VerifiedCounts, type WorkerState, cancelRun, drainFleet, enqueue, fleetStatus, fleetWorker, pauseFleet, resumeFleet };
