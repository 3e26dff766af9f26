import type { Kek } from "@letterlock/core";

/** How KEKs at a provider are made. */
export interface SourceOptions {
  /** How often the SDK may make one call: as often as it does by itself, by default. 1 for who counts calls against a quota, and tries again by himself. */
  readonly sdkAttempts?: number | undefined;
  /** Whether calls that are made at the same time go to the provider in one request, where it takes several. */
  readonly batch?: boolean | undefined;
  /** Whether a failure of TLS is a warning: for who keeps of an error its code and its message, which do not tell what to do. */
  readonly warns?: boolean | undefined;
  /** False for who only asks which recipients are its own, which takes no credentials; true by default. */
  readonly called?: boolean | undefined;
}

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
