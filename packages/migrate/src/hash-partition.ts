import { createHash } from "node:crypto";

/** Parts by the hash of an id, for stores that have no order to cut at: every part is a scan of everything that skips the rest. "3/8". */
export function hashPartitions(target: number): string[] {
  checkTarget(target);
  return Array.from({ length: target }, (_, i) => `${i}/${target}`);
}

/** One part for a store whose parts would each cost as much as everything. */
export function onePartition(target: number): string[] {
  checkTarget(target);
  return hashPartitions(1);
}

export function checkTarget(target: number): void {
  if (!Number.isSafeInteger(target) || target < 1) throw new RangeError("target must be a whole number of at least 1");
}

export function isInPartition(id: string, partition: string): boolean {
  const { part, parts } = partitionOf(partition);
  return parts === 1 || createHash("sha256").update(id).digest().readUInt32BE(0) % parts === part;
}

export function partitionOf(partition: string): { readonly part: number; readonly parts: number } {
  const [, part, parts] = /^(\d+)\/([1-9]\d*)$/.exec(partition)?.map(Number) ?? [];
  if (part === undefined || parts === undefined || part >= parts)
    throw new TypeError(`no partition of this store: ${JSON.stringify(partition)}`);
  return { part, parts };
}
