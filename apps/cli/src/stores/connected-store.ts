import type { EnvelopeStore } from "@letterlock/migrate";
import type { Explanation } from "../drivers/explanation.ts";

/** A store of a configuration before its errors are put into our words. */
export interface ConnectedStore {
  readonly store: EnvelopeStore;
  /** Where it is, for messages: never with a user or a password. */
  readonly place: string;
  /** Looks whether the store is as the configuration says, before anything in it is read. */
  check?(): Promise<void>;
  /** Why this user can change nothing in the store, and what to do, as far as that is known without a change; undefined where nothing is in the way. */
  mayNotWrite?(): Promise<string | undefined>;
  /** The error behind one that says only that the connection is closed. */
  readonly reasonOf?: ((error: unknown) => unknown) | undefined;
  /** What an error of the driver means, and what to do about it. Undefined: it says that itself. */
  readonly explain: (error: unknown) => Explanation | undefined;
  close?(): Promise<void>;
}
