import { S3Client } from "@aws-sdk/client-s3";
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
interface S3StoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Of the keys; everything in the bucket by default. */
  readonly prefix?: string | undefined;
  /** Keys that are listed at once; 1,000 by default, which is the most. */
  readonly pageKeys?: number | undefined;
}
/**
 * The objects of a bucket in Amazon S3, or in a service with its conditional writes (`If-Match`): the comparison is the service's, by the ETag, and holds against everybody.
 * Metadata, content headers, tags, storage class and encryption stay; access control lists, retention and legal holds are the bucket's own affair, and versions of the
 * past stay what they were: an old recipient can open those. It needs s3:ListBucket, s3:GetObject and s3:PutObject; for tags s3:GetObjectTagging and s3:PutObjectTagging; for
 * large objects s3:AbortMultipartUpload.
 *
 * Partitions are ranges of keys, so the service must list keys in the order of their bytes, as S3 does in general purpose buckets and does not in directory buckets: a scan
 * that finds another order rejects. Cutting samples the bucket, a thousand keys with each request: a few requests for each part, and no more than about `20 * target + 200`.
 */
declare function s3Store(options: S3StoreOptions): EnvelopeStore;
export { type S3StoreOptions, s3Store };
