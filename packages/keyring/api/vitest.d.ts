import { CallOptions } from "@letterlock/core";
/** A key blob, and where it stands. */
interface StoredKey {
  /** Unpadded base64url, 43 characters, as `inspect` gives it. */
  readonly keyId: string;
  /** What the key is for: 43 characters that the ring derives from a context. A slot has one key after the other. */
  readonly slot: string;
  /** 1 for the first key of the slot, and one more for each that followed. */
  readonly sequence: number;
  /** When it was created, in milliseconds since 1970, by the clock of the store. */
  readonly createdAt: number;
  /** One that is no key blob, such as an empty one, stands for a key that cannot be read: the ring calls it `unreadable`. Its other members may tell nothing. */
  readonly blob: Uint8Array;
}
/**
 * Where a ring keeps its key blobs. They are wrapped: who can read them can open nothing. Who can write them can make data unopenable, so it deserves backups and
 * permissions. Every member may reject; an error that core knows as a network error is "unavailable" to the ring's caller. `testKeyStore` proves one.
 */
interface KeyStore {
  /** A damaged key rejects, or comes with a blob that is none: it is not undefined, which means destroyed. */
  get(keyId: string, options?: CallOptions): Promise<StoredKey | undefined>;
  /** The key of the highest sequence in a slot. */
  current(slot: string, options?: CallOptions): Promise<StoredKey | undefined>;
  /**
   * Makes the blob the current key of the slot, if `after` still is: the keyId of the one before, or undefined for none. The arbiter among all processes: of any
   * number of calls with the same slot and `after`, one is created, and the others are told which key is current instead. Durable when it resolves.
   */
  create(slot: string, blob: Uint8Array, after: string | undefined, options?: CallOptions): Promise<Created>;
  /** The same key wrapped anew, if the stored blob is still `expected`, byte for byte. */
  replace(keyId: string, expected: Uint8Array, blob: Uint8Array, options?: CallOptions): Promise<"replaced" | "conflict" | "gone">;
  /**
   * Every key, in the order of keyIds, from the first above `after`. A key that exists during the whole listing is listed once. One that is damaged ends nothing: it
   * is listed with an empty blob. What is no key is skipped.
   */
  list(options?: CallOptions & {
    readonly after?: string | undefined;
  }): AsyncIterable<StoredKey>;
  /**
   * Removes every key of a slot, and resolves to their keyIds. Durable when it resolves, and doing it again finishes what was interrupted: of several at the same time,
   * none resolves before the keys are gone.
   */
  destroy(slot: string, options?: CallOptions): Promise<readonly string[]>;
}
type Created = {
  readonly created: true;
  readonly key: StoredKey;
} |
/** The current key of the slot; undefined when `after` named one that is gone. */
{
  readonly created: false;
  readonly key: StoredKey | undefined;
};
/** Registers a test for each case. `open` gives one more client of the same store. A case may take a minute. */
declare function testKeyStore(name: string, open: () => Promise<KeyStore>): void;
export { testKeyStore };
