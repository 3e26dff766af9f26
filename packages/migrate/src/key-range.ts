import { isInPartition, partitionOf } from "./hash-partition.ts";

/** A part of a store whose objects have an order: what is above one key, up to and with another. An end that is missing is the end of everything. */
export interface KeyRange {
  readonly above: string | undefined;
  readonly upTo: string | undefined;
  /** True for every id within the ends, but where the partition is one by hash: such a one, "3/8", has no ends, and takes its share of the ids. */
  readonly has: (id: string) => boolean;
}

/** The parts that the bounds cut. Nothing has to exist at a bound: whatever comes and goes, each key is in one part, and the first and the last part have no end. */
export function rangesBetween<T>(bounds: readonly T[]): string[] {
  const cuts = bounds.filter((bound, i) => bound !== bounds[i - 1]);
  return [...cuts.keys(), cuts.length].map((i) => JSON.stringify({ above: cuts[i - 1] ?? null, upTo: cuts[i] ?? null }));
}

/** A TypeError for what neither `rangesBetween` nor `hashPartitions` makes. */
export function readRange(partition: string): KeyRange {
  if (!partition.startsWith("{")) {
    partitionOf(partition);
    return { above: undefined, upTo: undefined, has: (id) => isInPartition(id, partition) };
  }
  const { above, upTo } = (parsedJson(partition) ?? {}) as { readonly above?: unknown; readonly upTo?: unknown };
  if (!isEnd(above) || !isEnd(upTo)) throw new TypeError(`no partition of this store: ${JSON.stringify(partition)}`);
  return { above: above ?? undefined, upTo: upTo ?? undefined, has: () => true };
}

function isEnd(key: unknown): key is string | null {
  return key === null || typeof key === "string";
}

/** Undefined for what is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
