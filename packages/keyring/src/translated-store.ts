import { type KekIdentity, kekErrorCode, LetterlockError } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";
import { isTimeout, untilAborted } from "./until-aborted.ts";

const failures = new WeakSet<object>();

/** Whether the provider, not the key store, is throttled or unavailable. */
export function isProviderAway(error: unknown): boolean {
  return LetterlockError.is(error) && error.retryable && !isOfStore(error);
}

/** Whether the key store failed. An intermediate KEK reads the store inside a call that looks like one to a provider. Chains of errors are shorter than eight. */
export function isOfStore(error: unknown, level = 0): boolean {
  if (typeof error !== "object" || error === null || level > 8) return false;
  if (failures.has(error)) return true;
  if (isOfStore((error as Error).cause, level + 1)) return true;
  return LetterlockError.is(error) && error.attempts.some(({ cause }) => isOfStore(cause, level + 1));
}

/**
 * The store, whose errors are Letterlock's: "unavailable" for what core knows as a network error and for no answer in time, "provider-error" for the rest. A call ends
 * with its signal, even where the store does not care for it.
 */
export function translatedStore(store: KeyStore): KeyStore {
  const failed = (error: unknown, signal: AbortSignal | undefined): unknown => {
    if (signal?.aborted && !isTimeout(signal.reason)) return signal.reason;
    const translated = LetterlockError.is(error)
      ? error
      : new LetterlockError(kekErrorCode(storeIdentity, error), "the key store failed or did not answer in time", { cause: error });
    failures.add(translated);
    return translated;
  };
  const call = async <T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> => {
    try {
      signal?.throwIfAborted();
      const running = (async () => run())();
      return await (signal === undefined ? running : untilAborted(running, signal));
    } catch (error) {
      throw failed(error, signal);
    }
  };
  return {
    get: (keyId, options) => call(options?.signal, () => store.get(keyId, options)),
    current: (slot, options) => call(options?.signal, () => store.current(slot, options)),
    create: (slot, blob, after, options) => call(options?.signal, () => store.create(slot, blob, after, options)),
    replace: (keyId, expected, blob, options) => call(options?.signal, () => store.replace(keyId, expected, blob, options)),
    async *list(options) {
      const signal = options?.signal;
      const steps = await call(signal, async () => store.list(options)[Symbol.asyncIterator]());
      let isEnded = false;
      try {
        for (;;) {
          isEnded = true;
          const { done, value } = await call(signal, async () => steps.next());
          if (done === true) return;
          isEnded = false;
          yield value;
        }
      } finally {
        // A step that failed has ended the listing, and nobody waits for one that hangs.
        if (!isEnded) await call(signal, async () => steps.return?.());
      }
    },
    destroy: (slot, options) => call(options?.signal, () => store.destroy(slot, options)),
  };
}

const storeIdentity: KekIdentity = {
  provider: "key-store",
  keyRef: "key-store",
  bindsContext: false,
  authenticatesWrap: false,
  errorCode: () => "provider-error",
};
