import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
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
interface DynamoDbStoreOptions {
  /** The client stays its owner's. */
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The names of the partition key and, where the table has one, the sort key: strings, numbers or bytes. Numbers of more than 15 digits that are not whole need a client that
   *  wraps numbers, `unmarshallOptions: { wrapNumbers: true }`: another rounds them, and the item is not found. */
  readonly key: readonly string[];
  /** A top-level attribute: bytes, or a string in text form. Items without it are no objects; those of another type are foreign. */
  readonly attribute: string;
  /** Items that are fetched at once; as many as DynamoDB gives by default. */
  readonly pageItems?: number | undefined;
}
/**
 * One attribute of the items of a table in DynamoDB, read consistently. The comparison is a condition of the write and holds against everybody. Partitions are the
 * segments of a parallel scan. It needs dynamodb:Scan, GetItem and UpdateItem. A scan reads everything and is paid for as that.
 */
declare function dynamoDbStore(options: DynamoDbStoreOptions): EnvelopeStore;
export { type DynamoDbStoreOptions, dynamoDbStore };
