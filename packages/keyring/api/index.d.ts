import { Aad, Bytes, CallOptions, Context, Kek, LetterlockErrorCode } from "@letterlock/core";
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
/** What a ring may do with keys in memory, and when it makes new ones. */
interface KeyringPolicy {
  /** Required: there is no safe default for how long a plaintext key may live. */
  readonly memory: {
    /** How long a key is used before it is opened again, in milliseconds. Also how long a key that was destroyed elsewhere may go on working here. */
    readonly maxAgeMs: number;
    /** How many data keys, and how many intermediate KEKs, are kept. */
    readonly maxKeys: number;
  };
  /** When a context gets a new data key. What was sealed before goes on opening. */
  readonly newKeyAfter?: {
    /** Since the key was created, in milliseconds. */
    readonly ageMs?: number | undefined;
    /** Sealed by this process under one key. */
    readonly messages?: number | undefined;
    /** Plaintext sealed by this process under one key. */
    readonly bytes?: number | undefined;
    /** When a KEK has a new version; needs `watchVersionsMs`. */
    readonly rotation?: boolean | undefined;
  } | undefined;
  /** How long keys in memory go on working while their provider is throttled or unavailable, in milliseconds; 0 by default. They stay in memory for maxAgeMs + graceMs, and a sweep later: at most a minute. */
  readonly graceMs?: number | undefined;
  /** The names of the context whose values choose an intermediate KEK: ["tenant"] for one for each tenant, [] for one for all. Undefined: data keys are wrapped by the KEKs. */
  readonly hierarchy?: readonly string[] | undefined;
  /** How often the KEKs are asked for their version, in milliseconds. A new one is noticed within that time, and the key blobs are wrapped again. Undefined: never. */
  readonly watchVersionsMs?: number | undefined;
  /** How long the provider may take for one key, in whole milliseconds below 2^30; 30,000 by default. Provider and store together may take twice that. */
  readonly renewalMs?: number | undefined;
}
interface Destroyed {
  /** Of data keys and of intermediate KEKs. */
  readonly keyIds: readonly string[];
  /** KeyIds of stored blobs that are damaged: whose they were cannot be told, so they stayed. */
  readonly unreadable: readonly string[];
}
/**
 * A key store in a folder of a local file system that has hard links, for the processes of one machine. It needs no lock: whatever must happen once is the making of a
 * name that may not exist yet. A key is a folder of numbered versions, the highest is the key; a slot is a folder of numbered keyIds. What is written is synced
 * before it gets its name, and the folder after. A process may be killed at any time: `destroy` finishes what others left, and `create` takes the rest away after an hour.
 */
declare function fileKeyStore(folder: string): KeyStore;
/** A sentence about a key store, and its proof. `open` gives one more client of the same store, as another process would have. */
interface KeyStoreCase {
  readonly id: string;
  /** Finishes the sentence "the key store …". */
  readonly title: string;
  run(open: () => Promise<KeyStore>): Promise<void>;
}
/** The contract of `KeyStore`, for any test runner. Each case uses slots of its own, so that a store with something in it can be judged too. */
declare const keyStoreCases: readonly KeyStoreCase[];
interface MaintenanceOptions {
  /** Only keys whose context has these pairs. */
  readonly context?: Context | undefined;
  /** Where to go on: the `last` of a report, or the keyId that came last. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each key blob that was looked at. */
  readonly onKey?: ((result: KeyResult) => void) | undefined;
}
interface RefreshKeysOptions extends MaintenanceOptions {
  /**
   * Opens every key blob that a provider wrapped again, before it is written: a provider that answers with something wrong destroys nothing. The data key is then in
   * this process for a moment; false by default, and then it is not, where the provider can wrap again by itself.
   */
  readonly verify?: boolean | undefined;
}
interface KeyResult {
  readonly keyId: string;
  /**
   * "conflict": somebody else changed it three times meanwhile. "gone": it was destroyed. "unaffected": no KEK of ours owns a recipient. "failed": a recipient could
   * not be wrapped again; what could was written.
   */
  readonly status: "changed" | "current" | "unaffected" | "conflict" | "gone" | "failed";
  readonly code: LetterlockErrorCode | undefined;
}
interface MaintenanceReport {
  /** Every key blob that was looked at is counted once. */
  readonly counts: Readonly<Record<KeyResult["status"], number>>;
  readonly failures: readonly KeyResult[];
  /** The last keyId that was looked at: `after` for a run that goes on from here. */
  readonly last: string | undefined;
}
/** What this process knows of a KEK from its own calls. Times are milliseconds since 1970. */
interface KekStatus {
  readonly provider: string;
  readonly keyRef: string;
  /** As `currentVersion` or a wrapped key said it last; undefined when none did, or the provider does not tell. */
  readonly version: string | undefined;
  readonly lastSuccess: number | undefined;
  readonly lastFailure: {
    readonly at: number;
    readonly code: LetterlockErrorCode;
  } | undefined;
  /** Since when every call has found it throttled or unavailable; undefined when the last one found an answer. A version that it tells ends only what a question for one began. */
  readonly awaySince: number | undefined;
}
interface StaleKey {
  readonly keyId: string;
  /** Undefined: what the store has for the key is not its key blob, so nobody can say what it names. `context` of the options does not leave it out. */
  readonly context: Context | undefined;
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    /** Undefined: no KEK of the ring. */
    readonly currentVersion: string | undefined;
  }[];
}
interface KeyringOptions {
  /** 1 to 16, as for `seal`: each can open everything; opening tries them in this order. Put `timed` around each, so that a hanging one does not hold the others up. */
  readonly keks: readonly Kek[];
  readonly store: KeyStore;
  readonly policy: KeyringPolicy;
}
interface RingCall {
  /** What the data key is about. One key at a time for each context. */
  readonly context: Context;
  /** What the message is about: the place it belongs to. Not stored. Required, as for `DataKey.seal`. */
  readonly aad: Aad;
}
interface WaitingRingCall extends RingCall {
  readonly signal?: AbortSignal | undefined;
}
/** Seals and opens many small values for many tenants. Records are those of `DataKey.seal`: 76 bytes longer than a plaintext below 64 KiB. */
interface Keyring extends Disposable {
  /** A record. Codes of `createDataKey` and of the key store. */
  seal(plaintext: Uint8Array, call: WaitingRingCall): Promise<Bytes>;
  /** Codes of `openDataKey` and `DataKey.open`; "unknown-key" for a key that was destroyed or is another store's, "context-mismatch" for a record of another context. */
  open(record: Uint8Array, call: WaitingRingCall): Promise<Bytes>;
  /** `seal` where nothing has to be waited for; undefined where something has: `ring.sealSync(...) ?? await ring.seal(...)`. */
  sealSync(plaintext: Uint8Array, call: RingCall): Bytes | undefined;
  /** `open`, likewise. */
  openSync(record: Uint8Array, call: RingCall): Bytes | undefined;
  /** The four of one context, which is read once. */
  forContext(context: Context): ContextRing;
  /** Wraps key blobs again under the newest versions of the ring's KEKs: all of them, or those whose context has the given pairs. Data keys and records stay. */
  refresh(options?: RefreshKeysOptions): Promise<MaintenanceReport>;
  /** Wraps the key blobs that `from` opens for `to` instead, verified before they are written. Give the rings their new KEKs first. */
  rewrap(keks: {
    readonly from: readonly Kek[];
    readonly to: readonly Kek[];
  }, options?: MaintenanceOptions): Promise<MaintenanceReport>;
  /** The key blobs that name a KEK which is not the ring's, or an old version of one that is. Read from headers, so it is advice and no proof (SPEC 10.2). */
  stale(options?: MaintenanceOptions): AsyncIterable<StaleKey>;
  /** Destroys every key whose context has the given pairs, and so every record under it: here at once, in other processes after `memory.maxAgeMs`. It does not reach backups of the key store. */
  destroy(context: Context, options?: {
    readonly signal?: AbortSignal | undefined;
  }): Promise<Destroyed>;
  status(): KeyringStatus;
  /** Zeroes what is in memory. Calls after that are a `TypeError`. */
  [Symbol.dispose](): void;
}
interface ContextRing {
  seal(plaintext: Uint8Array, call: Omit<WaitingRingCall, "context">): Promise<Bytes>;
  open(record: Uint8Array, call: Omit<WaitingRingCall, "context">): Promise<Bytes>;
  sealSync(plaintext: Uint8Array, call: Omit<RingCall, "context">): Bytes | undefined;
  openSync(record: Uint8Array, call: Omit<RingCall, "context">): Bytes | undefined;
}
interface KeyringStatus {
  /** No KEK is away. For a readiness probe that should not fail during grace, look at `keks`. */
  readonly healthy: boolean;
  readonly keks: readonly KekStatus[];
  readonly keysInMemory: number;
  readonly intermediatesInMemory: number;
  /** Since the key that has been in memory longest was opened; undefined when there is none. */
  readonly oldestKeyAgeMs: number | undefined;
}
declare function createKeyring(options: KeyringOptions): Keyring;
/** A key store in this process: for tests, and for keys that may end with it. Blobs are copied in and out. */
declare function memoryKeyStore(): KeyStore;
/**
 * The part of a Pool or Client of `pg`, or of a PGlite, that is used. The client stays its owner's. A Pool, or a client that nobody makes transactions on. Numbers, text and bytea must come as they do
 * by default.
 */
interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{
    readonly rows: readonly unknown[];
  }>;
}
interface PostgresKeyStoreOptions {
  readonly client: PostgresClient;
  /** "name" or "schema.name", of lower-case letters, digits and underscores; "letterlock_keys" by default. */
  readonly table?: string | undefined;
}
/**
 * The statement that makes the table, for a migration of yours: the store itself creates nothing. It does nothing where the table exists. The application needs
 * SELECT, INSERT, UPDATE and DELETE on it, DELETE for `destroy` alone.
 */
declare function postgresKeyTable(table?: string): string;
/**
 * A key store in one table of PostgreSQL 12 or later. Every change is one statement, and the unique constraint on slot and sequence is the arbiter, so no
 * transaction and no lock is held. Give it a client of the primary: a replica may not know yet what was destroyed. A change inside a transaction of the application, which
 * a ROLLBACK would undo after something was sealed, is a "provider-error", and that transaction can then only be rolled back.
 */
declare function postgresKeyStore({ client, table: name }: PostgresKeyStoreOptions): KeyStore;
/** The part of a client of `ioredis` that is used. The client stays its owner's. */
interface RedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}
interface RedisKeyStoreOptions {
  readonly client: RedisClient;
  /** What every name in Redis begins with; "{letterlock}:" by default. It holds one {tag}, so that a cluster keeps everything in one of its slots. */
  readonly prefix?: string | undefined;
}
/**
 * A key store in Redis 7, or in what speaks its protocol and runs its scripts. Each member is one script, and so atomic. A script answers "durable" as soon as the
 * server does: it has to run with `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`, for a key that is lost or evicted is data that nobody opens
 * again, and a failover to a replica that lags behind loses keys too. Where that cannot be promised, use another store.
 */
declare function redisKeyStore({ client, prefix }: RedisKeyStoreOptions): KeyStore;
export { type ContextRing, type Created, type Destroyed, type KekStatus, type KeyResult, type KeyStore, type KeyStoreCase, type Keyring, type KeyringOptions, type KeyringPolicy, type KeyringStatus, type MaintenanceOptions, type MaintenanceReport, type PostgresClient, type PostgresKeyStoreOptions, type RedisClient, type RedisKeyStoreOptions, type RefreshKeysOptions, type RingCall, type StaleKey, type StoredKey, type WaitingRingCall, createKeyring, fileKeyStore, keyStoreCases, memoryKeyStore, postgresKeyStore, postgresKeyTable, redisKeyStore };
