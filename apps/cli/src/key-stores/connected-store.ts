import type { KekErrorCode } from "@letterlock/core";
import type { KeyStore } from "@letterlock/keyring";

/** A key store, and the connection that is behind it. */
export interface ConnectedStore {
  readonly store: KeyStore;
  /** The error behind one that says only that the connection is closed. */
  reasonOf?(error: unknown): unknown;
  /** What an error of the driver means, and what to do about it. */
  explain(error: unknown): Explanation;
  close(): Promise<void>;
}

export interface Explanation {
  readonly code: KekErrorCode;
  readonly advice?: string | undefined;
}

/** One answer of a store that takes longer counts as none. */
export const storeDeadlineMs = 30_000;
export const connectDeadlineMs = 10_000;
