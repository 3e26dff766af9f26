import type { Kek } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";
import { type KeyResult, refreshKeys } from "./maintenance.ts";
import type { ObservedKek } from "./observed-keks.ts";
import type { ReadPolicy } from "./policy.ts";
import type { RingKeys } from "./ring-keys.ts";
import { untilAborted } from "./until-aborted.ts";

export interface VersionWatch {
  stop(): void;
}

/**
 * Asks every KEK for its version, once in `watchVersionsMs`. The first time, and when one has another than before, every key blob of the store that is not current is
 * wrapped again; after a change, where the policy wants it, the next message of a context gets a new data key. Other processes may do the same: the store's
 * `replace` lets one of them win. A run in which nothing came of twice `renewalMs` ends, and goes on from there the next time; then what failed is done again, and
 * nothing else. A failure is shown by `status`.
 */
export function watchVersions(watched: readonly ObservedKek[], store: KeyStore, keys: RingKeys, policy: ReadPolicy): VersionWatch {
  if (policy.watchVersionsMs === undefined) return { stop: () => undefined };
  const stopping = new AbortController();
  const versions = new Map<Kek, string>();
  const keks = watched.map(({ kek }) => kek);
  let isListing = false;
  let last: string | undefined;
  const failed = new Set<string>();
  const look = async (): Promise<void> => {
    const limit = AbortSignal.any([stopping.signal, AbortSignal.timeout(policy.renewalMs)]);
    let rotated = false;
    for (const { kek, firstVersion } of watched) {
      const before = versions.get(kek) ?? firstVersion();
      const asked = kek.currentVersion?.({ signal: limit });
      const version = asked && (await untilAborted(asked, limit).catch(() => undefined));
      if (version === undefined || versions.get(kek) === version) continue;
      rotated ||= before !== undefined && before !== version;
      isListing = true;
      last = undefined;
      versions.set(kek, version);
    }
    if (stopping.signal.aborted) return;
    if (rotated && policy.newAfterRotation) keys.rotated();
    if (isListing) await refreshing(last);
    else if (failed.size > 0) await refreshing(undefined, [...failed]);
  };
  const refreshing = async (after: string | undefined, keyIds?: readonly string[]): Promise<void> => {
    const stuck = new AbortController();
    const end = setTimeout(() => stuck.abort(new DOMException("the run is stuck", "TimeoutError")), 2 * policy.renewalMs).unref();
    const seen = new Set<string>();
    const onKey = ({ keyId, status }: KeyResult): void => {
      end.refresh();
      seen.add(keyId);
      if (keyIds === undefined) last = keyId;
      if (status === "failed" || status === "conflict") failed.add(keyId);
      else failed.delete(keyId);
    };
    try {
      await refreshKeys(keks, store, { after, onKey, signal: AbortSignal.any([stopping.signal, stuck.signal]) }, keyIds);
      if (keyIds === undefined) isListing = false;
      else for (const keyId of keyIds) if (!seen.has(keyId)) failed.delete(keyId);
    } finally {
      clearTimeout(end);
    }
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  }, policy.watchVersionsMs).unref();
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
  };
}
