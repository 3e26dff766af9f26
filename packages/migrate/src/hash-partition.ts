import { createHash } from "node:crypto";

/** Parts by the hash of an id, for stores that have no better way to cut: every part is a scan of everything that skips the rest. "3/8". */
export function hashPartitions(target: number): string[] {
  if (!Number.isSafeInteger(target) || target < 1) throw new RangeError("target must be a whole number of at least 1");
  return Array.from({ length: target }, (_, i) => `${i}/${target}`);
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
