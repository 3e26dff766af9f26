import type { KekErrorCode } from "./error.ts";

// What an adapter implements. Types only: an adapter needs nothing of core at run time.

export type Suite = "aes-256-gcm" | "chacha20-poly1305";
/** "data": K protects messages. "kek": K wraps other keys (an intermediate KEK). */
export type Usage = "data" | "kek";

/** K, wrapped by this provider under this KEK, is these bytes. Nothing here is authentic before the header was opened; keyVersion and wrapped never are. */
export interface Recipient {
  readonly provider: string;
  readonly keyRef: string;
  /** Unauthenticated hint (SPEC 10.2); undefined = unknown. */
  readonly keyVersion?: string | undefined;
  readonly wrapped: Uint8Array;
}

/** `wrapped`: 1 to 2048 bytes, copied by core. `keyVersion`: up to 255 bytes of 0x21 to 0x7E; undefined = unknown. Anything else is "provider-error". */
export interface Wrapped {
  readonly wrapped: Uint8Array;
  readonly keyVersion?: string | undefined;
}

export interface KekCall {
  /** The bytes A of SPEC section 4, for providers that bind bytes. A copy for this call. */
  readonly associatedData: Uint8Array;
  /** The full context and the reserved pair of SPEC 6.1, for providers that bind pairs. */
  readonly encryptionContext: Readonly<Record<string, string>>;
  readonly suite: Suite;
  readonly usage: Usage;
  /** Headers opened so far, this one included (SPEC 6.3). Decorators pass the call on whole. */
  readonly depth: 1 | 2 | 3;
  /** Core stops waiting when it aborts; an adapter passes it on so that the request ends too. */
  readonly signal: AbortSignal;
}

export interface KekIdentity {
  /** Written into every envelope and never changed: "aws-kms". `[a-z][a-z0-9-]*`, at most 32 bytes. */
  readonly provider: string;
  /** The stable, unversioned identifier of the KEK: 1 to 255 bytes of 0x21 to 0x7E. */
  readonly keyRef: string;
  /** The provider itself refuses another context. */
  readonly bindsContext: boolean;
  /** False where a public key is enough to wrap. */
  readonly authenticatesWrap: boolean;
  /** What an error thrown by the members below means. Operating-system network errors and time-outs are core's: `kekErrorCode`. */
  errorCode(error: unknown): KekErrorCode;
  /** How long the provider asked to wait, in milliseconds, if it did. */
  retryAfterMs?(error: unknown): number | undefined;
}

export interface KekWrapper extends KekIdentity {
  /** Core owns `dataKey` (32 bytes): do not keep it, core zeroes it. */
  wrap(dataKey: Uint8Array, call: KekCall): Promise<Wrapped>;
  /** Makes the data key at the provider in one call. Core calls it on the first KEK in the list that has it, and wraps the result for the others; so a
   *  policy that grants only "generate data key" is enough for a sealing service. Core zeroes `dataKey`. */
  generate?(call: KekCall): Promise<Wrapped & { readonly dataKey: Uint8Array }>;
  /** The version that wrap would use now; undefined if the provider does not tell. */
  currentVersion?(call: { readonly signal: AbortSignal }): Promise<string | undefined>;
}

export interface KekUnwrapper extends KekIdentity {
  /** Decided from the recipient alone: no I/O, never throws. It compares the provider too: core asks about recipients of this provider, others may ask about any. */
  owns(recipient: Recipient): boolean;
  /** Core zeroes what it returns; a buffer outside the heap of V8, `new Uint8Array(new ArrayBuffer(32))`, leaves no other copy. Anything but the 32 bytes that keyId commits to is "not-authentic". */
  unwrap(recipient: Recipient, call: KekCall): Promise<Uint8Array>;
  /** Same key, newest version, without showing the data key. Present only where the provider can. */
  rewrap?(recipient: Recipient, call: KekCall): Promise<Wrapped>;
}

export interface Kek extends KekWrapper, KekUnwrapper {}

export type KekOperation = "wrap" | "unwrap" | "rewrap" | "generate" | "currentVersion";
