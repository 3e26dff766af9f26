import { type KekIdentity, kekErrorCode, LetterlockError } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";

const failures = new WeakSet<object>();

/** Whether the provider, not the key store, is throttled or unavailable. */
export function isProviderAway(error: unknown): boolean {
  return LetterlockError.is(error) && error.retryable && !failures.has(error);
}

/** The store, whose errors are Letterlock's: "unavailable" for what core knows as a network error, "provider-error" for the rest. */
export function translatedStore(store: KeyStore): KeyStore {
  const failed = (error: unknown, signal: AbortSignal | undefined): unknown => {
    if (signal?.aborted) return signal.reason;
    const translated = LetterlockError.is(error)
      ? error
      : new LetterlockError(kekErrorCode(storeIdentity, error), "the key store failed", { cause: error });
    failures.add(translated);
    return translated;
  };
  const call = async <T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
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
      try {
        yield* store.list(options);
      } catch (error) {
        throw failed(error, options?.signal);
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
