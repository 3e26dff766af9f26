import type { Progress } from "../each-object.ts";
import type { Entry } from "./partition-job.ts";

/** One partition of a run, as people and logs name it. */
export interface PartitionName {
  readonly run: string;
  readonly store: string;
  readonly index: number;
}

/** What a worker says while it works. */
export type FleetEvent =
  | (PartitionName & { readonly type: "taken" })
  | (PartitionName & { readonly type: "progress"; readonly progress: Progress })
  /** The partition is done, and its books are entered. */
  | (PartitionName & { readonly type: "entered"; readonly entry: Entry })
  /** Its store was away, or the configuration is not that of the run. Somebody will try again. */
  | (PartitionName & { readonly type: "failed"; readonly reason: string })
  /** The lock was not renewed in time, and another worker has the partition, or will. Nothing of it is entered here. */
  | (PartitionName & { readonly type: "lost" })
  /** This worker ends, or the run was cancelled. */
  | (PartitionName & { readonly type: "handed-back" | "cancelled" })
  /** A store has waiting partitions, and this worker does not have it. Said once for each. */
  | { readonly type: "lacks"; readonly store: string }
  | { readonly type: "paused" | "resumed" | "draining" }
  /** The clock of this machine is so many milliseconds before that of the Redis server, or behind it. Partitions that failed here wait that much longer for others. Said once. */
  | { readonly type: "clock"; readonly aheadMs: number }
  /** Redis is in trouble. The worker waits. */
  | { readonly type: "trouble"; readonly reason: string };
