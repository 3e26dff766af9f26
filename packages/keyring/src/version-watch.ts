import type { Kek } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";
import { refreshKeys } from "./maintenance.ts";
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
 * `replace` lets one of them win. A run that left something undone is repeated the next time, and a failure is shown by `status`.
 */
export function watchVersions(watched: readonly ObservedKek[], store: KeyStore, keys: RingKeys, policy: ReadPolicy): VersionWatch {
  if (policy.watchVersionsMs === undefined) return { stop: () => undefined };
  const stopping = new AbortController();
  const versions = new Map<Kek, string>();
  const keks = watched.map(({ kek }) => kek);
  let isDone = true;
  const look = async (): Promise<void> => {
    const limit = AbortSignal.any([stopping.signal, AbortSignal.timeout(policy.renewalMs)]);
    let rotated = false;
    for (const { kek, firstVersion } of watched) {
      const before = versions.get(kek) ?? firstVersion();
      const asked = kek.currentVersion?.({ signal: limit });
      const version = asked && (await untilAborted(asked, limit).catch(() => undefined));
      if (version === undefined || versions.get(kek) === version) continue;
      rotated ||= before !== undefined && before !== version;
      isDone = false;
      versions.set(kek, version);
    }
    if (isDone || stopping.signal.aborted) return;
    if (rotated && policy.newAfterRotation) for (const key of keys.warm.all()) key.rotated = true;
    const { failures } = await refreshKeys(keks, store, { signal: stopping.signal });
    isDone = failures.length === 0;
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
