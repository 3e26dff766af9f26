import type { Kek } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";
import { refreshKeys } from "./maintenance.ts";
import type { ReadPolicy } from "./policy.ts";
import type { RingKeys } from "./ring-keys.ts";

export interface VersionWatch {
  stop(): void;
}

/**
 * Asks every KEK for its version, once in `watchVersionsMs`. The first time, and when one has another than before, every key blob of the store that is not current is
 * wrapped again; after a change, where the policy wants it, the next message of a context gets a new data key. Other processes may do the same: the store's
 * `replace` lets one of them win. A failure is shown by `status`, and the next time comes.
 */
export function watchVersions(keks: readonly Kek[], store: KeyStore, keys: RingKeys, policy: ReadPolicy): VersionWatch {
  if (policy.watchVersionsMs === undefined) return { stop: () => undefined };
  const stopping = new AbortController();
  const versions = new Map<Kek, string>();
  const look = async (): Promise<void> => {
    const limit = AbortSignal.any([stopping.signal, AbortSignal.timeout(policy.renewalMs)]);
    let learnt = false;
    let rotated = false;
    for (const kek of keks) {
      const version = await kek.currentVersion?.({ signal: limit }).catch(() => undefined);
      if (version === undefined) continue;
      learnt ||= versions.get(kek) !== version;
      rotated ||= versions.has(kek) && versions.get(kek) !== version;
      versions.set(kek, version);
    }
    if (!learnt || stopping.signal.aborted) return;
    if (rotated && policy.newAfterRotation) for (const key of keys.warm.all()) key.rotated = true;
    await refreshKeys(keks, store, { signal: stopping.signal });
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
