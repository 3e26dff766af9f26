import { LetterlockError } from "@letterlock/core";
import type { KeyStore } from "@letterlock/keyring";
import { driverError } from "../drivers/driver-error.ts";
import type { ConnectedStore } from "./connected-store.ts";

export interface StoreEvents {
  /** The size of each key blob that is listed. */
  onRead(bytes: number): void;
  /** The store failed, and will fail for the next key too. */
  onFailure(error: LetterlockError): void;
}

/**
 * The parts of a key store that maintenance uses. Their errors name the store and what the driver's code is, and none of the driver's words, which can be those of the
 * URI.
 */
export function namedStore({ store, reasonOf, explain }: ConnectedStore, name: string, { onRead, onFailure }: StoreEvents): KeyStore {
  const failed = (thrown: unknown): unknown => {
    if (LetterlockError.is(thrown)) return thrown;
    const translated = driverError(`the key store ${name}`, reasonOf === undefined ? thrown : reasonOf(thrown), explain);
    onFailure(translated);
    return translated;
  };
  const named = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw failed(error);
    }
  };
  return {
    ...store,
    get: (keyId, options) => named(() => store.get(keyId, options)),
    replace: (keyId, expected, blob, options) => named(() => store.replace(keyId, expected, blob, options)),
    async *list(options) {
      try {
        for await (const stored of store.list(options)) {
          onRead(stored.blob.length);
          yield stored;
        }
      } catch (error) {
        throw failed(error);
      }
    },
  };
}
