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
/** Registers a test for each case of the contract of `EnvelopeStore`. `create` makes an empty store, for every case another. A case may take a minute. */
declare function testStore(name: string, create: () => Promise<StoreSubject>): void;
export { testStore };
