import type { KeyStore } from "@letterlock/keyring";
import type { Explanation } from "../drivers/explanation.ts";

/** A key store, and the connection that is behind it. */
export interface ConnectedStore {
  readonly store: KeyStore;
  /** The error behind one that says only that the connection is closed. */
  reasonOf?(error: unknown): unknown;
  /** What an error of the driver means, and what to do about it. */
  explain(error: unknown): Explanation;
  close(): Promise<void>;
}
