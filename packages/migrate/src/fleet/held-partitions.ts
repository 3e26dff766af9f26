import { UnrecoverableError, WaitingError } from "bullmq";
import type { WalkOptions } from "../each-object.ts";
import type { Migration } from "../migration.ts";
import { withoutPasswords } from "../without-passwords.ts";
import type { QueuedPartition } from "./fleet.ts";
import type { FleetEvent, PartitionName } from "./fleet-event.ts";
import { type Entry, indexOfJob, type PartitionJob, readJob, requireSame, workOn } from "./partition-job.ts";

/** Why a walk ends before its time. */
export type EarlyEnd = "lost" | "handed-back" | "cancelled";

class WalkEnded extends Error {
  readonly why: EarlyEnd;
  constructor(why: EarlyEnd) {
    super(why);
    this.why = why;
  }
}

/** A partition that this worker has the lock of, as far as it knows. */
export interface HeldPartition extends PartitionName {
  readonly id: string;
  /** That of the header of its run, when it was enqueued. */
  readonly began: string;
  readonly scanned: number;
  /** By the clock of this process: `performance.now`. */
  readonly lockedAt: number;
}

export interface HeldPartitions {
  /** The work of BullMQ's worker: what it resolves to is entered, if the lock still holds. */
  work(store: string, job: QueuedPartition, token: string | undefined, open: () => Promise<Migration>): Promise<Entry>;
  list(): readonly HeldPartition[];
  /** The lock was renewed. */
  renewed(id: string): void;
  /** Ends a walk between two objects; what is being written is finished. */
  end(id: string, why: EarlyEnd): void;
  /** Objects since the start. */
  scanned(): number;
}

interface Held {
  readonly name: PartitionName;
  readonly began: string;
  readonly abort: AbortController;
  scanned: number;
  lockedAt: number;
}

interface Asked {
  readonly isEnding: () => boolean;
  readonly isWanted: (job: PartitionJob) => Promise<boolean>;
  /** Rejects where the target of this worker is not that of the run. */
  readonly requireTarget: (job: PartitionJob, migration: Migration, signal: AbortSignal) => Promise<void>;
}

export function holdPartitions(
  walk: Omit<WalkOptions, "signal" | "onProgress" | "partitions" | "accept"> & Required<Pick<WalkOptions, "pause">>,
  { endsLost, walked: seam }: { readonly endsLost: boolean; readonly walked: (entry: Entry) => Promise<void> },
  { isEnding, isWanted, requireTarget }: Asked,
  emit: (event: FleetEvent) => void,
): HeldPartitions {
  const held = new Map<string, Held>();
  let total = 0;

  const walked = async (job: PartitionJob, one: Held, open: () => Promise<Migration>): Promise<Entry> => {
    const { signal } = one.abort;
    await walk.pause?.passable(signal);
    const onProgress: WalkOptions["onProgress"] = (progress) => {
      if (progress.type === "object") {
        one.scanned += 1;
        total += 1;
      }
      emit({ type: "progress", ...one.name, progress });
    };
    const migration = await open();
    requireSame(migration, job);
    await requireTarget(job, migration, signal);
    const entry = await workOn(migration, job, { ...walk, signal, onProgress });
    await seam(entry);
    return entry;
  };

  return {
    async work(store, job, token, open) {
      const id = job.id ?? "";
      const { run, began } = (job.data ?? {}) as Partial<PartitionJob>;
      const name = { run: String(run), store, index: indexOfJob(id) };
      const one: Held = { name, began: String(began), abort: new AbortController(), scanned: 0, lockedAt: performance.now() };
      held.set(id, one);
      try {
        // BullMQ may have fetched one more before it heard that it shall end.
        if (isEnding()) throw new WalkEnded("handed-back");
        const data = readJob(job.data, store);
        // Before anything is read: a beat comes later.
        if (!(await isWanted(data))) throw new WalkEnded("cancelled");
        emit({ type: "taken", ...name });
        return await walked(data, one, open);
      } catch (error) {
        if (!(error instanceof WalkEnded)) {
          const reason = reasonOf(error);
          emit({ type: "failed", ...name, reason });
          throw new Error(reason);
        }
        emit({ type: error.why, ...name });
        if (error.why === "cancelled") throw new UnrecoverableError("the run was cancelled");
        if (error.why === "lost") throw error;
        await job.moveToWait(token);
        throw new WaitingError();
      } finally {
        held.delete(id);
      }
    },
    list: () => [...held].map(([id, { name, began, scanned, lockedAt }]) => ({ ...name, id, began, scanned, lockedAt })),
    renewed(id) {
      const one = held.get(id);
      if (one !== undefined) one.lockedAt = performance.now();
    },
    end(id, why) {
      if (why !== "lost" || endsLost) held.get(id)?.abort.abort(new WalkEnded(why));
    },
    scanned: () => total,
  };
}

const mostReasonLength = 500;

/** What goes into Redis: the message alone, without what an address may carry before its host. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return withoutPasswords(message, "").slice(0, mostReasonLength);
}
