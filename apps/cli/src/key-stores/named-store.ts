import { kekErrorCode, LetterlockError } from "@letterlock/core";
import type { KeyStore } from "@letterlock/keyring";
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
    const translated = translate(reasonOf === undefined ? thrown : reasonOf(thrown));
    onFailure(translated);
    return translated;
  };
  const translate = (error: unknown): LetterlockError => {
    const { advice } = explain(error);
    const identity = {
      provider: "key-store",
      keyRef: name,
      bindsContext: false,
      authenticatesWrap: false,
      errorCode: (unknown: unknown) => explain(unknown).code,
    };
    const code = kekErrorCode(identity, error);
    const said = [`the key store ${name} failed`, driverCode(error)].filter((part) => part !== undefined).join(" ");
    return new LetterlockError(code, advice === undefined ? said : `${said}: ${advice}`, { cause: error });
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

/** "(28P01)", "(ECONNREFUSED)" or "(ResourceNotFoundException)": words that no URI has put there. */
function driverCode(error: unknown): string | undefined {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const word = typeof code === "string" ? code : name;
  return typeof word === "string" && /^[A-Za-z0-9_]{1,60}$/.test(word) && word !== "Error" ? `(${word})` : undefined;
}
