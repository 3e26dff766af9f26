/** What core returns: a buffer of its own, offset 0, never a pooled Buffer, so nothing else is reachable through `.buffer`. */
type Bytes = Uint8Array<ArrayBuffer>;
/** What one message is about: authenticated, not stored. A string is its UTF-8 bytes; "" and undefined are the same. At most 65,535 bytes. */
type Aad = Uint8Array | string;
/**
 * One unambiguous aad from several parts: `aad("users", "ssn", id)`. No two lists make the same bytes, and every implementation makes the same
 * (SPEC section 5). Numbers must be safe integers. TypeError for anything else, and for strings that are not well-formed Unicode.
 */
declare function aad(...parts: readonly (string | Uint8Array | number | bigint)[]): Bytes;
/** What a provider failure means. Stable; messages are not. */
type KekErrorCode = "access-denied" | "kek-not-found" | "kek-unusable" | "not-authentic" | "throttled" | "unavailable" | "provider-error";
/** The closed set of SPEC section 9. */
type LetterlockErrorCode = KekErrorCode | "malformed" | "limit-exceeded" | "unsupported" | "wrong-usage" | "context-mismatch" | "no-matching-kek" | "unknown-key" | "truncated" | "out-of-range";
/** `cause` is not enumerable here and on the error, and absent from JSON and util.inspect: SDK errors can hold the request, and so a key or a token. */
interface Attempt {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: LetterlockErrorCode;
  readonly cause: unknown;
}
/**
 * Every failure that is not the caller's misuse (TypeError, RangeError) or the caller's own abort (`signal.reason`).
 * `code` is stable and comes from SPEC section 9; the message is for people and may change.
 * `attempts` lists every KEK that was tried and failed, in the order of the calls.
 */
declare class LetterlockError extends Error {
  readonly code: LetterlockErrorCode;
  readonly provider: string | undefined;
  readonly keyRef: string | undefined;
  readonly attempts: readonly Attempt[];
  constructor(code: LetterlockErrorCode, message: string, options?: {
    readonly provider?: string | undefined;
    readonly keyRef?: string | undefined;
    readonly attempts?: readonly Attempt[] | undefined;
    readonly cause?: unknown;
  });
  /** A later call may succeed: throttled or unavailable. */
  get retryable(): boolean;
  /** True across duplicate installations. */
  static is(error: unknown): error is LetterlockError;
}
type Suite = "aes-256-gcm" | "chacha20-poly1305";
/** "data": K protects messages. "kek": K wraps other keys (an intermediate KEK). */
type Usage = "data" | "kek";
/** K, wrapped by this provider under this KEK, is these bytes. Nothing here is authentic before the header was opened; keyVersion and wrapped never are. */
interface Recipient {
  readonly provider: string;
  readonly keyRef: string;
  /** Unauthenticated hint (SPEC 10.2); undefined = unknown. */
  readonly keyVersion?: string | undefined;
  readonly wrapped: Uint8Array;
}
/** `wrapped`: 1 to 2048 bytes, copied by core. `keyVersion`: up to 255 bytes of 0x21 to 0x7E; undefined = unknown. Anything else is "provider-error". */
interface Wrapped {
  readonly wrapped: Uint8Array;
  readonly keyVersion?: string | undefined;
}
interface KekCall {
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
interface KekIdentity {
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
interface KekWrapper extends KekIdentity {
  /** Core owns `dataKey` (32 bytes): do not keep it, core zeroes it. */
  wrap(dataKey: Uint8Array, call: KekCall): Promise<Wrapped>;
  /** Makes the data key at the provider in one call. Core calls it on the first KEK in the list that has it, and wraps the result for the others; so a
   *  policy that grants only "generate data key" is enough for a sealing service. Core zeroes `dataKey`. */
  generate?(call: KekCall): Promise<Wrapped & {
    readonly dataKey: Uint8Array;
  }>;
  /** The version that wrap would use now; undefined if the provider does not tell. */
  currentVersion?(call: {
    readonly signal: AbortSignal;
  }): Promise<string | undefined>;
}
interface KekUnwrapper extends KekIdentity {
  /** Decided from the recipient alone: no I/O, never throws. It compares the provider too: core asks about recipients of this provider, others may ask about any. */
  owns(recipient: Recipient): boolean;
  /** Core zeroes what it returns; a buffer outside the heap of V8, `new Uint8Array(new ArrayBuffer(32))`, leaves no other copy. Anything but the 32 bytes that keyId commits to is "not-authentic". */
  unwrap(recipient: Recipient, call: KekCall): Promise<Uint8Array>;
  /** Same key, newest version, without showing the data key. Present only where the provider can. */
  rewrap?(recipient: Recipient, call: KekCall): Promise<Wrapped>;
}
interface Kek extends KekWrapper, KekUnwrapper {}
type KekOperation = "wrap" | "unwrap" | "rewrap" | "generate" | "currentVersion";
type Around = <T>(operation: KekOperation, call: {
  readonly signal: AbortSignal;
}, run: (call?: {
  readonly signal: AbortSignal;
}) => Promise<T>) => Promise<T>;
/**
 * A KEK that runs every provider call of `kek` through `around`: the base of retry, rate limit, tracing. Keeps identity, `owns`, `errorCode` and
 * exactly the optional members that `kek` has. `run()` makes the call; `run({ signal })` makes it under another signal and leaves the rest of the
 * call as it is. `errorCode` names the errors that `around` itself throws; undefined leaves them to `kek`.
 */
declare function aroundKek<K extends KekWrapper | KekUnwrapper>(kek: K, around: Around, errorCode?: (error: unknown) => KekErrorCode | undefined): K;
/** What a stream reads: chunks of any size, empty ones too. A chunk is read to its end before the next one is asked for, so a source may reuse its buffer. */
type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;
/** An async generator of buffers of their own. `return()`, and so leaving a `for await`, closes the source. */
type ByteStream = AsyncGenerator<Bytes, void, undefined>;
/** What the data key is about: bound for its whole life, stored, visible to providers and audit logs. A plain object of strings; anything else is a
 *  TypeError. At most 32 pairs, keys 1 to 128 and values 0 to 2048 bytes of UTF-8, 4096 bytes in all. Keys that start with "letterlock" or "aws:" are reserved. */
type Context = Readonly<Record<string, string>>;
interface AsStored {
  readonly "letterlock:as-stored": true;
}
/** "I have no expectation: take the stored values, and these detached ones." For rewrapping and migration; never the default. */
declare function asStored(detached?: Context): AsStored;
/** Passed as `cache` to `seal`, `open`, `openStream`, `openRange`, `openReader` and `openDataKey`. `clear` and dispose forget every key; a disposed cache is a TypeError. */
interface KeyCache extends Disposable {
  readonly "letterlock:key-cache": true;
  clear(): void;
}
/**
 * Opt-in, and every limit is required: there is no safe default for how long a plaintext key may live. An entry belongs to the very KEK objects that made
 * it, in their order, and to suite, context and policy; uses and bytes count what is sealed under a key; a rotation is seen after maxAgeMs at the latest.
 * maxUses is at most 2^40 (SPEC section 7). The least recently used entry leaves first; an entry that is too old leaves although nobody asks for it.
 * Streams of unknown length are sealed without the cache.
 */
declare function createKeyCache(limits: {
  readonly maxAgeMs: number;
  readonly maxUses: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
}): KeyCache;
interface CallOptions {
  /** Rejects with `signal.reason`; no further provider is called. */
  readonly signal?: AbortSignal | undefined;
}
interface KeyOptions extends CallOptions {
  readonly context?: Context | undefined;
  /** Context keys whose values are bound but not stored. */
  readonly detached?: readonly string[] | undefined;
  /** Default "aes-256-gcm". */
  readonly suite?: Suite | undefined;
}
interface SealOptions extends KeyOptions {
  readonly aad?: Aad | undefined;
  readonly cache?: KeyCache | undefined;
}
interface HeaderOptions extends CallOptions {
  /** What the caller expects; another one is "context-mismatch" before any provider call. Default: no pairs. */
  readonly context?: Context | AsStored | undefined;
  /** Refuse KEKs that anybody with a public key can wrap for, without calling them. An intermediate KEK satisfies it, whatever wraps it, because its
   *  keyId is pinned by configuration (SPEC 10.3). */
  readonly requireAuthenticatedWrap?: boolean | undefined;
  /** Failures before a success: a damaged recipient, or a KEK about to be missed. Called once per failure, after the success. */
  readonly onFailedAttempt?: ((attempt: Attempt) => void) | undefined;
}
interface OpenOptions extends HeaderOptions {
  readonly aad?: Aad | undefined;
  readonly cache?: KeyCache | undefined;
}
/** keyId: another one is "unknown-key", before any provider call. */
interface OpenKeyOptions extends HeaderOptions {
  readonly keyId?: string | undefined;
  readonly cache?: KeyCache | undefined;
}
/** usage: what the object's key is for; default "data". */
interface RewrapOptions extends HeaderOptions {
  readonly usage?: Usage | undefined;
}
interface VerifyOptions extends RewrapOptions {
  /** Opens the payload too, with this aad. */
  readonly payload?: {
    readonly aad: Aad;
  } | undefined;
}
interface RekeyOptions extends HeaderOptions {
  /** The aad that the envelope was sealed with. */
  readonly aad?: Aad | undefined;
  readonly change?: {
    readonly context?: Context | undefined;
    readonly detached?: readonly string[] | undefined;
    readonly aad?: Aad | undefined;
    readonly suite?: Suite | undefined;
  } | undefined;
}
/** `read` resolves to exactly the bytes start (inclusive) to end (exclusive), 0 <= start <= end <= size; fewer or more is a RangeError of the call. */
interface RangeSource {
  /** Of the whole object, in bytes. */
  readonly size: number;
  read(start: number, end: number, call: {
    readonly signal: AbortSignal;
  }): Promise<Uint8Array>;
}
/** Plaintext bytes start (inclusive) to end (exclusive). start > end is a RangeError. */
interface Range {
  readonly start: number;
  readonly end: number;
}
/** Many ranges for one provider call; `plaintextBytes` is authentic. Disposing it forgets the key. */
interface EnvelopeReader extends Disposable {
  readonly plaintextBytes: number;
  /** "out-of-range" beyond plaintextBytes, "not-authentic" where a segment was changed. */
  read(range: Range): Promise<Bytes>;
}
/** One range: reads the head, the final segment (which authenticates the length) and the segments that overlap the range, nothing else. Codes as `open`. */
declare function openRange(envelope: RangeSource, keks: readonly KekUnwrapper[], range: Range, options?: OpenOptions): Promise<Bytes>;
declare function openReader(envelope: RangeSource, keks: readonly KekUnwrapper[], options?: OpenOptions): Promise<EnvelopeReader>;
/** Seals and opens many messages without a provider call. After dispose every member but keyId throws a TypeError. */
interface DataKey extends Disposable {
  /** Unpadded base64url of the 32 bytes. */
  readonly keyId: string;
  /** A record, 60 + 16 x segments bytes longer than the plaintext: 76 below 64 KiB. Synchronous. The aad is required, because records under one key
   *  and one aad can be swapped: name the place they belong to, or say "" on purpose. At most 2^40 messages under one key (SPEC section 7). */
  seal(plaintext: Uint8Array, options: {
    readonly aad: Aad;
  }): Bytes;
  /** A record of another key is "unknown-key". Also "malformed", "unsupported", "truncated", "not-authentic". */
  open(record: Uint8Array, options: {
    readonly aad: Aad;
  }): Bytes;
  openRange(record: RangeSource, range: Range, options: {
    readonly aad: Aad;
  } & CallOptions): Promise<Bytes>;
  sealStream(plaintext: ByteSource, options: {
    readonly aad: Aad;
  } & CallOptions): ByteStream;
  /** Every chunk is authentic when it is yielded; only a stream that ends without an error is complete. */
  openStream(record: ByteSource, options: {
    readonly aad: Aad;
  } & CallOptions): ByteStream;
}
/** A new data key and the key blob that opens it again: store the blob, use the key for many records. All or nothing, as `seal`. */
declare function createDataKey(keks: readonly KekWrapper[], options?: KeyOptions): Promise<{
  readonly key: DataKey;
  readonly blob: Bytes;
}>;
/** The data key of a key blob. Codes as `open`, and "unknown-key" where `options.keyId` names another key, before any provider call. */
declare function openDataKey(blob: Uint8Array, keks: readonly KekUnwrapper[], options?: OpenKeyOptions): Promise<DataKey>;
interface HeaderInfo {
  readonly suite: Suite;
  readonly usage: Usage;
  /** Stored values. */
  readonly context: Context;
  readonly detached: readonly string[];
  readonly recipients: readonly Recipient[];
  /** Of the header alone, without the object's prefix. */
  readonly bytes: number;
}
/** plaintextBytes is undefined where the payload has no valid layout. keyId: unpadded base64url. */
type ObjectInfo = {
  readonly type: "envelope";
  readonly keyId: string;
  readonly header: HeaderInfo;
  readonly plaintextBytes: number | undefined;
} | {
  readonly type: "key-blob";
  readonly keyId: string;
  readonly header: HeaderInfo;
} | {
  readonly type: "record";
  readonly keyId: string;
  readonly plaintextBytes: number | undefined;
};
/**
 * What is inside, offline. Nothing in it is authenticated: show it as such. With `size`, `object` may be the first bytes of a larger one, as long as the
 * header is among them. "malformed", "limit-exceeded" and "unsupported" as for opening.
 */
declare function inspect(object: Uint8Array, options?: {
  readonly size?: number | undefined;
}): ObjectInfo;
/** A key-encryption key of your own, wrapped by `keks`: store the blob anywhere, pin the keyId in configuration. All or nothing, as `seal`. */
declare function createIntermediateKek(keks: readonly KekWrapper[], options?: KeyOptions): Promise<{
  readonly keyId: string;
  readonly blob: Bytes;
}>;
/**
 * A KEK held in a key blob. Opens its blob on first use, not before, and keeps the KEK in memory for at most maxAgeMs; dispose forgets it, and calls after
 * that are a TypeError. The keyId is pinned by configuration (SPEC 6.3): a blob of another key is "kek-unusable". Chains have at most three headers, the
 * data key's included; what was opened at one depth serves that depth and lower ones only. Failures of its own KEKs pass through by code when they are
 * "not-authentic" or a provider's; everything else is "kek-unusable".
 */
declare function intermediateKek(options: {
  readonly keyId: string;
  readonly blob: Uint8Array | ((call: {
    readonly signal: AbortSignal;
  }) => Promise<Uint8Array>);
  readonly keks: readonly KekUnwrapper[];
  readonly context?: Context | undefined;
  readonly maxAgeMs: number;
}): Kek & Disposable;
/**
 * What an error of a KEK means: network errors of the operating system and TimeoutError are "unavailable", whatever the provider; the rest is
 * `kek.errorCode`, and "provider-error" where that throws or names no code. What decorators use to classify.
 */
declare function kekErrorCode(kek: KekIdentity, error: unknown): KekErrorCode;
/** A KEK whose 32-byte secret is in this process: development, tests, and secrets that an application gets from elsewhere. `secret` is copied; zero yours. */
declare function localKek(options: {
  readonly name: string;
  readonly secret: Uint8Array;
}): Kek;
/**
 * The plaintext of an envelope, once everything verified. KEKs are tried in the order given; `context` and `aad` must be those of sealing.
 * Errors by code, in the order of the checks: "malformed", "limit-exceeded", "unsupported", "wrong-usage", "context-mismatch", "no-matching-kek" or the
 * code of the KEKs that failed (SPEC 8.1), "not-authentic", "truncated". `envelope` must not change before the promise settles.
 */
declare function open(envelope: Uint8Array, keks: readonly KekUnwrapper[], options?: OpenOptions): Promise<Bytes>;
/**
 * A KEK derived from a passphrase, for development and small backups: whoever has the header can guess offline. `logN` (15 to 18, default 17) is the cost
 * of wrapping: 128 x 8 x 2^logN bytes of memory. A header that asks for more than `maxLogN` (default 18) is refused as "not-authentic" before any work.
 * The passphrase is normalised to NFC. Its bytes are held in a KeyObject; the string is the caller's and stays in memory as long as he keeps it.
 */
declare function passphraseKek(options: {
  readonly name: string;
  readonly passphrase: string;
  readonly logN?: number | undefined;
  readonly maxLogN?: number | undefined;
}): Kek;
interface Refreshed {
  readonly object: Bytes;
  /** In header order. `from` and `to` are key versions, as far as the provider tells them. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly from: string | undefined;
    readonly to: string | undefined;
    /** "rewrapped": by the provider; "wrapped-again": the data key was in this process; "current": nothing to do. */
    readonly status: "rewrapped" | "wrapped-again" | "current" | "not-owned" | "failed";
    readonly error: LetterlockError | undefined;
  }[];
}
/**
 * Every recipient that a KEK owns, wrapped under the newest version: inside the provider where it can (then nothing is unwrapped and no mac is
 * checked: verify afterwards), else with the data key. The others stay as they are. One that fails does not stop the rest. Rejects when no KEK owns a
 * recipient, or when every owned one failed. A KEK that can neither rewrap nor wrap is a TypeError.
 * A recipient is "current" where `currentVersion` names the version that the header gives; that field is not authenticated (SPEC 10.2).
 * `object` must not change before the promise settles.
 */
declare function refresh(object: Uint8Array, keks: readonly (KekUnwrapper | Kek)[], options?: RewrapOptions): Promise<Refreshed>;
/**
 * New data key, payload encrypted again: what removes a former recipient for good. What `change` does not name is carried over: context, detached keys (as
 * far as the new context has them), suite, aad. An envelope only. Codes as `open`, and those of the KEKs in `to`.
 */
declare function rekey(envelope: Uint8Array, keks: {
  readonly from: readonly KekUnwrapper[];
  readonly to: readonly KekWrapper[];
}, options?: RekeyOptions): Promise<Bytes>;
/** Afterwards exactly `to`, and the recipients that `keep` returned true for, can open it. Kept bytes are copied, not verified. */
interface Rewrap {
  readonly from: readonly KekUnwrapper[];
  /** 1 to 16 KEKs; may be empty where `keep` leaves somebody. */
  readonly to: readonly KekWrapper[];
  /** Asked about every recipient that is not in `to`; the ones in `to` are wrapped anew. */
  readonly keep?: ((recipient: Recipient) => boolean) | undefined;
}
/**
 * The same data key for another set of recipients: an envelope or a key blob, the payload copied byte for byte. All or nothing. Somebody who is removed
 * may have kept the data key: `rekey` where that matters. Codes as `open`, and those of the KEKs in `to`; "limit-exceeded" for more than 16 recipients.
 * `object` must not change before the promise settles: the payload is copied then.
 */
declare function rewrap(object: Uint8Array, keks: Rewrap, options?: RewrapOptions): Promise<Bytes>;
/** `rewrap` of an envelope of any size. The head is rewritten before the first chunk; the payload passes through, unverified and unread. */
declare function rewrapStream(envelope: ByteSource, keks: Rewrap, options?: RewrapOptions): ByteStream;
/**
 * One envelope that any of `keks` (1 to 16) can open. All or nothing: one KEK that cannot wrap fails the call with its code, one of `KekErrorCode`.
 * `plaintext` is read after the KEKs answered: do not change it before the promise settles. The result is a buffer of its own.
 */
declare function seal(plaintext: Uint8Array, keks: readonly KekWrapper[], options?: SealOptions): Promise<Bytes>;
/** An envelope as a key blob and a record. */
declare function splitEnvelope(envelope: Uint8Array): {
  readonly blob: Bytes;
  readonly record: Bytes;
};
/** The reverse. A record of another key is "unknown-key". */
declare function joinEnvelope(blob: Uint8Array, record: Uint8Array): Bytes;
/** For objects too large for memory: the header as a key blob, from any prefix of the envelope that holds it, and where the payload starts. Rewrap,
 *  refresh or verify the blob; then `envelopeHead(blob)` replaces the first `payloadOffset` bytes. */
declare function headerOf(prefix: Uint8Array): {
  readonly blob: Bytes;
  readonly payloadOffset: number;
};
/** Everything of an envelope but its payload. */
declare function envelopeHead(blob: Uint8Array): Bytes;
/**
 * `seal` for a message of any size, in bounded memory. Misuse is thrown by the call itself; everything else rejects `next()`. Fastest with chunks that
 * are multiples of 65,536 bytes. A cache is not used: the length is unknown, so `maxBytes` could not be kept; each stream has a data key of its own.
 */
declare function sealStream(plaintext: ByteSource, keks: readonly KekWrapper[], options?: SealOptions): ByteStream;
/** Every chunk is authentic when it is yielded; only a stream that ends without an error is complete. Codes as `open`. */
declare function openStream(envelope: ByteSource, keks: readonly KekUnwrapper[], options?: OpenOptions): ByteStream;
/** Unpadded base64url (RFC 4648 section 5). The text of every object of this version starts with "ltrlE". */
declare function toText(object: Uint8Array): string;
/** The bytes of `text`; anything but canonical unpadded base64url is "malformed". */
declare function fromText(text: string): Bytes;
interface VerifyReport {
  /** Every recipient is "ok". */
  readonly ok: boolean;
  /** In header order. "no-matching-kek": no KEK of the list owns it. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    readonly status: "ok" | LetterlockErrorCode;
    readonly attempts: readonly Attempt[];
  }[];
}
/**
 * Tries every recipient of an envelope or key blob with every KEK that owns it, one after the other (SPEC 8.5). Rejects only when none opens, when the
 * list of recipients is not the sealer's, or when `payload` was asked for and does not verify; `ok` says that all recipients opened.
 */
declare function verify(object: Uint8Array, keks: readonly KekUnwrapper[], options?: VerifyOptions): Promise<VerifyReport>;
export { type Aad, type AsStored, type Attempt, type ByteSource, type ByteStream, type Bytes, type CallOptions, type Context, type DataKey, type EnvelopeReader, type HeaderInfo, type HeaderOptions, type Kek, type KekCall, type KekErrorCode, type KekIdentity, type KekOperation, type KekUnwrapper, type KekWrapper, type KeyCache, type KeyOptions, LetterlockError, type LetterlockErrorCode, type ObjectInfo, type OpenKeyOptions, type OpenOptions, type Range, type RangeSource, type Recipient, type Refreshed, type RekeyOptions, type Rewrap, type RewrapOptions, type SealOptions, type Suite, type Usage, type VerifyOptions, type VerifyReport, type Wrapped, aad, aroundKek, asStored, createDataKey, createIntermediateKek, createKeyCache, envelopeHead, fromText, headerOf, inspect, intermediateKek, joinEnvelope, kekErrorCode, localKek, open, openDataKey, openRange, openReader, openStream, passphraseKek, refresh, rekey, rewrap, rewrapStream, seal, sealStream, splitEnvelope, toText, verify };
