import type { ConformanceCase } from "./conformance-case.ts";

/**
 * What a server cannot judge, kept beside the server's launcher. A listed case is run all the same, and reported as unproven whatever comes out;
 * where it passes, the result is marked as stale, because the server has learnt something and the entry has to go.
 */
export type FidelityManifest = readonly FidelityEntry[];

export interface FidelityEntry {
  /** The id of the case. */
  readonly id: string;
  /** Why the server cannot judge it. */
  readonly reason: string;
  /** What the server does instead. */
  readonly instead: string;
}

/** The entries by case. A case that does not exist or stands there twice is a `RangeError`. */
export function entriesOf(manifest: FidelityManifest, cases: readonly ConformanceCase[]): ReadonlyMap<string, FidelityEntry> {
  const known = new Set(cases.map(({ id }) => id));
  const entries = new Map<string, FidelityEntry>();
  for (const entry of manifest) {
    if (!known.has(entry.id)) throw new RangeError(`the fidelity manifest lists ${entry.id}, and there is no such case`);
    if (entries.has(entry.id)) throw new RangeError(`the fidelity manifest lists ${entry.id} twice`);
    if (entry.reason === "" || entry.instead === "") throw new RangeError(`the fidelity manifest gives no reason for ${entry.id}`);
    entries.set(entry.id, entry);
  }
  return entries;
}
