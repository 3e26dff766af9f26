import type { Kek } from "@letterlock/core";

/** A KEK that a command line names, ready for use. */
export interface KekSource {
  /** A new instance every call; all of them share one client. */
  create(): Kek;
  /** Ends connections, so that the process can end, and forgets what it kept. */
  close(): Promise<void>;
  /** What lies behind "access-denied", asked from the provider, in a sentence; undefined when it does not tell. Absent where the provider cannot. */
  whyDenied?(): Promise<string | undefined>;
  /**
   * Why a wrap could change something at the provider, and what to grant, in a clause; undefined where it changes nothing. Rejects as the KEK itself does
   * where the key cannot be looked at.
   */
  whyNotWrap?(): Promise<string | undefined>;
  /** What the credentials let nobody know about the key, in a sentence; undefined where nothing is left open. */
  notKnown?(): Promise<string | undefined>;
}
