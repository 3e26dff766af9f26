import { Context, Kek, KekUnwrapper, LetterlockErrorCode, ObjectInfo, Recipient } from "@letterlock/core";
/** How an object ended. Each ends in exactly one class. */
type OutcomeClass = "migrated" | "already" | "gone" | "foreign" | "quarantined" | "conflict" | "failed";
declare const outcomeClasses: readonly OutcomeClass[];
/**
 * What an error says of the object at hand. "quarantined": the object is ours and damaged, or not openable by whom it was given to: another try ends the same way.
 * "failed": the provider or our access to it is in trouble, and the object is as good as it was: try again later.
 */
declare const classOfCode: Readonly<Record<LetterlockErrorCode, "quarantined" | "failed">>;
interface Outcome {
  readonly id: string;
  readonly class: OutcomeClass;
  /** Where an error decided: its code; "store" for an error of the store, "not-verified" where what was wrapped for the target did not open again. */
  readonly code?: LetterlockErrorCode | "store" | "not-verified" | undefined;
  /** For people. Never key material or plaintext. */
  readonly reason?: string | undefined;
  /** Migrated inside the provider, so that nobody has opened it with the target yet. */
  readonly unverified?: true | undefined;
}
/** What became of everything that was scanned. The classes add up to `scanned`. */
interface Books {
  readonly scanned: number;
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  /** How often each code decided: "not-authentic", "store". */
  readonly codes: Readonly<Record<string, number>>;
  /** Of the migrated: those that nobody has opened with the target yet. */
  readonly unverified: number;
  /** In bytes, of what was scanned. */
  readonly bytes: number;
  /** The first outcomes that are neither migrated, already nor gone; at most 100. */
  readonly exceptions: readonly Outcome[];
  /** No object is foreign, quarantined, conflict or failed, other than in classes that were accepted. */
  readonly ok: boolean;
}
/** Counts of recipients and context keys. Nothing in it is authenticated. */
interface Census {
  /** How many recipients name each key: provider, keyRef, and version where there is one. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    readonly count: number;
  }[];
  /** How many objects have each context key; values are not counted. */
  readonly contextKeys: Readonly<Record<string, number>>;
  readonly types: Readonly<Record<ObjectInfo["type"], number>>;
}
/** One envelope, key blob or record, as a store holds it: the bytes of the object, or its text form in UTF-8. */
interface StoredObject {
  /** Names the object within its store, and nothing else ever. For people too: a path, a primary key, an object key. */
  readonly id: string;
  /** Names what is stored now: another content is another version. `replace` compares it. */
  readonly version: string;
  /** In bytes. */
  readonly size: number;
  /** Where a scan of the same partition can go on after this object. Opaque. */
  readonly cursor: string;
  /** The whole object, in a buffer that the caller may keep. */
  read(): Promise<Uint8Array>;
  /** The first `bytes` of it, or all where there are fewer. */
  readHead(bytes: number): Promise<Uint8Array>;
}
/**
 * Where envelopes and key blobs lie. Every member may reject: an object that cannot be read or written is then "failed", and a scan that fails ends the run.
 * `storeCases` are the contract, and `testStore` of "@letterlock/migrate/vitest" proves it.
 */
interface EnvelopeStore {
  /** For people: "postgres app.users.ssn". */
  readonly description: string;
  /** About `target` parts of the store, at least one: disjoint, together everything, stable, opaque. */
  partitions(target: number): Promise<readonly string[]>;
  /** What exists during the whole scan is listed once; what comes or goes meanwhile, once or not at all. `after` is the cursor of an object, which need not exist any more;
   *  where the store was changed since, objects before it may be listed again. */
  scan(partition: string, options: {
    readonly after?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<StoredObject>;
  /** Compare-and-swap: writes only while the version is still `expected`. Durable when it resolves. Calls may be grouped, so many may wait at once. */
  replace(id: string, expected: string, object: Uint8Array): Promise<Replaced>;
  /** Large objects: the first `replaces` bytes give way to `bytes`, without moving the rest through this process. */
  replaceHead?(id: string, expected: string, head: NewHead): Promise<Replaced>;
}
type Replaced = "replaced" | "conflict" | "gone";
interface NewHead {
  readonly bytes: Uint8Array;
  readonly replaces: number;
}
interface CsvStoreOptions {
  readonly file: string;
  /** The names of the columns with objects in text form, as the first line has them. Empty cells are no objects. */
  readonly columns: readonly string[];
  /** One character, "," by default. */
  readonly delimiter?: string | undefined;
  /** The column that names a row, for ids that stay when others add and remove rows. Without it the number of the row is its name. */
  readonly key?: string | undefined;
}
/** A table with a line of names, as RFC 4180 has it; a row at a time is in memory. Nothing but the cells changes, and no quotes. */
declare function csvStore(options: CsvStoreOptions): EnvelopeStore;
/** What is to be moved, and between which keys. */
interface Migration {
  readonly store: EnvelopeStore;
  /** Who opens the objects today, in the order in which they are tried. Their recipients are the old ones. */
  readonly from: readonly KekUnwrapper[];
  /** Who shall open them: each object gets a recipient for every one. Both halves, because nothing is written that did not open again. */
  readonly to: readonly Kek[];
  /** The values of detached context keys, for objects that have any. Without it such an object is "context-mismatch". */
  readonly detached?: ((object: {
    readonly id: string;
    readonly info: ObjectInfo;
  }) => Context) | undefined;
  /** As in core: KEKs that anybody with a public key can wrap for open nothing. */
  readonly requireAuthenticatedWrap?: boolean | undefined;
}
/** Holds a run between two objects. What has begun is finished. */
interface PauseSwitch {
  pause(): void;
  resume(): void;
  /** Resolves while not paused. Rejects with `signal.reason`. */
  passable(signal: AbortSignal): Promise<void>;
}
declare function pauseSwitch(): PauseSwitch;
interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for every object that ended, and when the pace changes. */
  readonly onProgress?: ((event: Progress) => void) | undefined;
  /** How many objects are worked on at once, 32 by default: as many as the provider's rate times its latency. There are fewer when a provider throttles, and more again while it answers. */
  readonly concurrency?: number | undefined;
  /** Bytes of objects in memory, 256 MiB by default. A larger object is worked on alone. */
  readonly memoryBytes?: number | undefined;
  /** Only these, of those that the store gave: the share of one machine. All of them by default. */
  readonly partitions?: readonly string[] | undefined;
  /** Classes that do not keep the books from being ok: "foreign" where other things lie in the same store. */
  readonly accept?: readonly OutcomeClass[] | undefined;
  /** How often a throttled or unavailable provider is asked about one object, 8 by default, and the first pause, which doubles: 200 milliseconds by default. */
  readonly patience?: {
    readonly attempts?: number | undefined;
    readonly firstPauseMs?: number | undefined;
  } | undefined;
  /** Holds the run between two objects. */
  readonly pause?: PauseSwitch | undefined;
}
type Progress = {
  readonly type: "object";
  readonly outcome: Outcome;
  readonly books: () => Books;
} | {
  readonly type: "pace";
  readonly concurrency: number;
};
/** What a provider allows and asks, as its owner states it: we know neither a quota nor a price. */
interface Rate {
  readonly provider: string;
  /** One key alone; without it, every key of the provider together. */
  readonly keyRef?: string | undefined;
  /** Calls per second. */
  readonly perSecond?: number | undefined;
  /** Price of 10,000 calls, in whatever currency. */
  readonly per10000?: number | undefined;
}
interface Calls {
  readonly provider: string;
  readonly keyRef: string;
  readonly unwrap: number;
  readonly wrap: number;
}
interface Estimate {
  readonly calls: readonly Calls[];
  /** The longest of all keys at the rates that were stated; undefined where none was. Latency can make it longer. */
  readonly seconds: number | undefined;
  /** Of the calls whose price was stated; undefined where none was. */
  readonly cost: number | undefined;
}
interface FileStoreOptions {
  /** A folder, with everything below it. */
  readonly folder: string;
  /** Which files belong to the store, by their paths below the folder, with slashes; all of them by default. */
  readonly include?: ((id: string) => boolean) | undefined;
}
/**
 * Files in a folder tree, one object each. A new content is written beside the file, synced, and renamed over it; then the folder is synced. Mode, owner and group stay, or the
 * object is "failed"; times, access control lists and extended attributes do not.
 * Links, sockets and devices are not objects; a file with several names is one object for each, and becomes several files.
 *
 * The compare-and-swap holds among writers that take the lock `.letterlock-lock` in the folder, as this store does. Against anybody else it is a look at the file right
 * before the rename: who writes between the look and the rename, which is microseconds, loses what he wrote, and so does who holds the file open and goes on writing into it.
 *
 * Partitions are ranges of paths. Cutting reads folders and no files; a partition reads the folders on the way to its ends and those between them.
 */
declare function fileStore(options: FileStoreOptions): EnvelopeStore;
/** Objects that open are "already". */
interface Verified extends Books {
  /** Every object opens with every key of the target alone, other than those in classes that were accepted. */
  readonly clean: boolean;
  /** Ours, and without a recipient of the target. After a run: something still seals for the old key alone. */
  readonly notMigrated: number;
  /** Objects that an old key could open too. `finish` takes those recipients away. */
  readonly withOldRecipients: number;
  /** Records, which open with their key blob: nothing is known of them here. Counted among "already". */
  readonly records: number;
}
/**
 * Opens the header of every object with each key of the target, and with nothing else. What is read comes from the store, nothing from what a run remembered. No
 * payload is opened: a migration does not touch it, and its aad is the application's.
 */
declare function verify(migration: Migration, options?: WalkOptions): Promise<Verified>;
type Finished =
/** Nothing was changed: what is not clean is in `verified`. */
{
  readonly finished: false;
  readonly verified: Verified;
  readonly removed: undefined;
} | {
  readonly finished: true;
  readonly verified: Verified;
  readonly removed: Books;
};
/**
 * Takes away the old recipients: those that somebody in `from` owns. First it verifies everything, also what was migrated blindly, and refuses unless that is clean.
 * Then each object is opened once more, with the target alone, before its old recipients go. Nobody in `from` is called.
 */
declare function finish(migration: Migration, options?: WalkOptions): Promise<Finished>;
/** A name, or a path of names; "*" stands for every element or member. */
type FieldPath = string | readonly string[];
interface JsonStoreOptions {
  readonly file: string;
  /** Where objects in text form stand: "ssn", "user.ssn", "users.*.ssn". Members that are not there are no objects; others than strings are foreign. */
  readonly fields: readonly FieldPath[];
}
interface NdjsonStoreOptions extends JsonStoreOptions {
  /** The member that names a line, for ids that stay when others add and remove lines. Without it the number of the line is its name. */
  readonly key?: string | undefined;
}
/** One JSON text, which is in memory as a whole. */
declare function jsonStore(options: JsonStoreOptions): EnvelopeStore;
/** A JSON text in each line; a line at a time is in memory. */
declare function ndjsonStore(options: NdjsonStoreOptions): EnvelopeStore;
interface MemoryStore extends EnvelopeStore {
  /** Puts or changes an object, as an application would. Copies the bytes. */
  put(id: string, object: Uint8Array): void;
  get(id: string): Uint8Array | undefined;
  delete(id: string): void;
  /** Every id, sorted. */
  ids(): string[];
}
/** A store that keeps nothing: for tests. */
declare function memoryStore(): MemoryStore;
/** An object of ours inside something that is none: in a field of a JSON text, or in base64 of one. A migration of the outer thing does not move it. */
interface Nested {
  /** Where it stands: the number of base64 layers around it, and at which character or byte of the innermost. */
  readonly layers: number;
  readonly at: number;
  readonly info: ObjectInfo;
}
interface Probe {
  readonly provider: string;
  readonly keyRef: string;
  readonly operation: "wrap" | "unwrap";
  readonly ok: boolean;
  readonly code: LetterlockErrorCode | undefined;
  readonly reason: string | undefined;
}
interface PlanOptions extends WalkOptions {
  /** What providers allow and ask. */
  readonly rates?: readonly Rate[] | undefined;
  /** One wrap and unwrap per key of the target, and one unwrap per old key; true by default. Everything else needs no key. */
  readonly probe?: boolean | undefined;
  /** Other things are searched for objects inside up to this size, 1 MiB by default; 0 for no search. */
  readonly nestedBytes?: number | undefined;
}
/** Before anything is changed. Nothing in it is authenticated, but for the probes. */
interface Plan {
  /** As a run would end if every call went through: "migrated" is what it would change. */
  readonly books: Books;
  readonly census: Census;
  /** Objects with every recipient of the target, and those that can be moved and lack one: beside objects on the target, after a run, they are what something still
   *  seals for the old keys alone, or what failed. */
  readonly onTarget: number;
  readonly notOnTarget: number;
  /** Objects that nobody in `from` or `to` owns: these will not migrate. */
  readonly notOpenable: number;
  /** Recipients of others, who are no part of the migration and stay. */
  readonly othersStay: number;
  /** Objects inside of other things, which will not migrate: how many, and the first hundred. */
  readonly nested: {
    readonly count: number;
    readonly first: readonly (Omit<Nested, "info"> & {
      readonly id: string;
      readonly type: string;
      readonly keyId: string;
    })[];
  };
  /** Of the run. */
  readonly estimate: Estimate;
  /** Of the steps after it; of a `finish` after a run that kept the old recipients. */
  readonly later: {
    readonly verify: Estimate;
    readonly finish: Estimate;
  };
  readonly probes: readonly Probe[];
}
/**
 * Looks at everything in the store, and changes nothing. The probes are calls as a run makes them, of a data key that nobody uses and of an object of each old key: what
 * they show is what a run will find, and a dry run, where a provider has one, would show less.
 */
declare function plan(migration: Migration, options?: PlanOptions): Promise<Plan>;
/** The part of a Pool or Client of `pg`, or of a PGlite, that is used. Text and bytea must come as they do by default. */
interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{
    readonly rows: readonly unknown[];
  }>;
}
interface PostgresStoreOptions {
  /** A Pool or Client of `pg`, or a PGlite. It stays its owner's. A Pool lets as many updates run at once as it has connections. */
  readonly client: PostgresClient;
  /** "name" or "schema.name", as the database has it. */
  readonly table: string;
  /** Of type bytea, text, varchar, json or jsonb. In a text an object stands in text form. */
  readonly column: string;
  /** In a json or jsonb column: where the object stands, as the names and indices of a path. */
  readonly path?: readonly string[] | undefined;
  /** The columns of a unique key, without nulls; the primary key by default. */
  readonly key?: readonly string[] | undefined;
  /** Rows that are fetched at once; 200 by default. */
  readonly pageRows?: number | undefined;
  /** True: rows that policies of row-level security hide from this role are no part of the store. Without it, a role that policies apply to is refused. */
  readonly hiddenRows?: boolean | undefined;
}
/**
 * One column of a table in PostgreSQL 12 or later. It needs SELECT on the column and the key, and UPDATE on the column. A page of rows is fetched by the key and not by an
 * offset, so a scan costs no more at its end and misses nothing that others write. The comparison is part of the UPDATE, as a digest of the old value, and holds against
 * everybody; other members of a json or jsonb column keep what others wrote meanwhile. NULL is no object. A value that a trigger changed is not written: the object is "failed".
 */
declare function postgresStore(options: PostgresStoreOptions): EnvelopeStore;
/** The part of a Redis of `ioredis` that is used: any command, with its answer in bytes. */
interface RedisCaller {
  callBuffer(command: string, ...values: (string | Buffer | number)[]): Promise<unknown>;
}
interface RedisStoreOptions {
  /** Of one primary, not of a cluster, and without a keyPrefix. It stays its owner's. */
  readonly client: RedisCaller;
  /** What the keys begin with; every key by default. Keys of another type than strings, or than hashes where `field` is given, are no objects. */
  readonly prefix?: string | undefined;
  /** The field of a hash that holds the object; without it, keys are strings. */
  readonly field?: string | undefined;
  /** About how many keys are fetched at once, with their values; 100 by default. */
  readonly pageKeys?: number | undefined;
}
/**
 * Strings, or one field of hashes, in Redis 6 or later. The comparison is a script, with the old value, and holds against everybody. The time to live of a key stays; that of a
 * field, which Redis has from 7.4 on, does not. SCAN may name a key twice while the table shrinks: those that are a hundred thousand keys apart would be counted twice.
 * How durable a replacement is, is the server's configuration. It is one partition, because SCAN goes through all keys and cannot begin at one; of a cluster, each primary
 * is a store.
 */
declare function redisStore(options: RedisStoreOptions): EnvelopeStore;
interface ReferenceQuery {
  readonly provider?: string | undefined;
  readonly keyRef?: string | undefined;
  /** A version, or several: "is any older version still named?" is a list of them. */
  readonly keyVersion?: string | readonly string[] | undefined;
}
interface Reference {
  readonly id: string;
  readonly type: "envelope" | "key-blob";
  readonly keyId: string;
  /** Those that the query names, of all that the object has. */
  readonly recipients: readonly Pick<Recipient, "provider" | "keyRef" | "keyVersion">[];
  /** Others could open it too. */
  readonly hasOthers: boolean;
}
/**
 * Which objects name a key, or a version of it. Advisory: nothing in it is authenticated (SPEC 10.2), and a version that nobody names may still be needed. Before a key
 * is destroyed, disable it, verify with the others alone, and then destroy it. Objects that cannot be read are left out: `plan` names them.
 */
declare function references(store: EnvelopeStore, query?: ReferenceQuery, options?: {
  readonly signal?: AbortSignal | undefined;
}): AsyncGenerator<Reference>;
interface RunOptions extends WalkOptions {
  /**
   * The recipients that stay beside the target: true for all, so that old and new keys both open during the transition and `finish` ends it; or a function that is
   * asked about each. By default those that nobody in `from` owns stay: they are no part of the migration.
   */
  readonly keep?: boolean | ((recipient: Recipient) => boolean) | undefined;
  /** Wraps again what names an older version of its key in `to` than that key wraps with now. The version is a hint that nobody authenticates (SPEC 10.2). */
  readonly refresh?: boolean | undefined;
  /**
   * Refreshes inside the provider, which every KEK in `to` must be able to: no data key is seen, and so nothing is compared. A provider that answers with the ciphertext
   * of another data key leaves an object that nobody opens, and its old header is gone. What was written is `unverified`; `verify` opens it, and `finish` does so before
   * anything else. It makes new versions of the same key and no move to another one, so `from` and `keep` have no part in it: an object without a recipient of `to` is
   * quarantined as "no-matching-kek".
   */
  readonly blind?: boolean | undefined;
}
/**
 * Reads each object, wraps its data key for `to`, unwraps it again with `to`, compares, parses what it is about to write, and replaces the object if it is still the
 * one that was read. May be ended at any instant and called again; may run twice at the same time.
 */
declare function run(migration: Migration, options?: RunOptions): Promise<Books>;
/** The part of a DatabaseSync of `node:sqlite` that is used. */
interface SqliteDatabase {
  prepare(sql: string): {
    all(...values: SqliteValue[]): unknown[];
    run(...values: SqliteValue[]): {
      readonly changes: number | bigint;
    };
  };
}
type SqliteValue = null | number | bigint | string | Uint8Array;
interface SqliteStoreOptions {
  /** It stays its owner's. Give it a time-out where others write, or their writes are errors here. */
  readonly database: SqliteDatabase;
  readonly table: string;
  /** Bytes, or a text in text form. NULL is no object. */
  readonly column: string;
  /** The columns of a unique key, of integers, texts or bytes, without nulls; the primary key by default, or else the rowid. */
  readonly key?: readonly string[] | undefined;
}
/**
 * One column of a table in SQLite, paged by the key. The comparison is part of the UPDATE, with the old value, and holds against everybody. Partitions are ranges of the key:
 * cutting reads the keys once, and a partition its own rows.
 */
declare function sqliteStore(options: SqliteStoreOptions): EnvelopeStore;
/** A store under test, with what an application does to it beside the migration. Empty when it is made. */
interface StoreSubject {
  readonly store: EnvelopeStore;
  /** One more client of the same store, as another process has it. */
  another(): Promise<EnvelopeStore>;
  /** Makes an object or changes one, as an application does, in one step, and tells its id. */
  put(name: string, object: Uint8Array): Promise<string>;
  delete(name: string): Promise<void>;
  /** What an application reads; undefined for what is not there. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names that the store cannot have at all: the odd ones of the suite are tried without them. */
  readonly refusesName?: ((name: string) => boolean) | undefined;
  /** Of the largest object that the suite makes; 20 MiB by default. Where a store has a smaller limit, that. */
  readonly hugeBytes?: number | undefined;
  /** Only envelopes in text form can be stored. */
  readonly textOnly?: boolean | undefined;
  /** Takes the right to write away, until what it returns is called. */
  forbid(): Promise<() => Promise<void>>;
  /** Takes the right to read away, of the objects or of their list. Without it, the suite does not ask what the store says then. */
  forbidReading?(): Promise<() => Promise<void>>;
  /** What a write leaves behind that is no object: drafts, unfinished uploads. */
  leftovers?(): Promise<readonly string[]>;
}
/** A sentence about a store, and its proof. */
interface StoreCase {
  readonly id: string;
  /** Finishes the sentence "the store …". */
  readonly title: string;
  run(subject: StoreSubject): Promise<void>;
}
/** The contract of `EnvelopeStore`, for any test runner. Each case is given an empty store. */
declare const storeCases: readonly StoreCase[];
export { type Books, type Calls, type Census, type CsvStoreOptions, type EnvelopeStore, type Estimate, type FieldPath, type FileStoreOptions, type Finished, type JsonStoreOptions, type MemoryStore, type Migration, type NdjsonStoreOptions, type Nested, type NewHead, type Outcome, type OutcomeClass, type PauseSwitch, type Plan, type PlanOptions, type PostgresClient, type PostgresStoreOptions, type Probe, type Progress, type Rate, type RedisCaller, type RedisStoreOptions, type Reference, type ReferenceQuery, type Replaced, type RunOptions, type SqliteDatabase, type SqliteStoreOptions, type SqliteValue, type StoreCase, type StoreSubject, type StoredObject, type Verified, type WalkOptions, classOfCode, csvStore, fileStore, finish, jsonStore, memoryStore, ndjsonStore, outcomeClasses, pauseSwitch, plan, postgresStore, redisStore, references, run, sqliteStore, storeCases, verify };
