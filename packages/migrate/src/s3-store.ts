import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { checkTarget } from "./hash-partition.ts";
import { rangesBetween, readRange } from "./key-range.ts";
import { checkNames } from "./migration.ts";
import { cutPoints } from "./s3-cut.ts";
import { replaceHeadOnS3 } from "./s3-head.ts";
import { keysBetween } from "./s3-list.ts";
import { keptOf, outcomeOf } from "./s3-object.ts";

export interface S3StoreOptions {
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
export function s3Store(options: S3StoreOptions): EnvelopeStore {
  checkNames(options, ["client", "bucket", "prefix", "pageKeys"], "options");
  const { client, bucket: Bucket, prefix, pageKeys } = options;
  if (typeof client?.send !== "function") throw new TypeError("client must be an S3Client");
  if (typeof Bucket !== "string" || Bucket === "") throw new TypeError("bucket must be a name");

  const read = async (Key: string, IfMatch: string, range?: string): Promise<Uint8Array> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, IfMatch, ...(range !== undefined && { Range: range }) }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const stored = (id: string, version: string, size: number): StoredObject => ({
    id,
    version,
    size,
    cursor: id,
    read: () => read(id, version),
    // A range of an empty object is an error.
    readHead: async (bytes) => (size === 0 ? new Uint8Array() : await read(id, version, `bytes=0-${Math.min(bytes, size) - 1}`)),
  });

  return {
    description: `s3 ${Bucket}/${prefix ?? ""}`,
    async partitions(target) {
      checkTarget(target);
      return rangesBetween(target === 1 ? [] : await cutPoints({ client, bucket: Bucket, prefix: prefix ?? "" }, target));
    },
    async *scan(partition, { after, signal } = {}) {
      const { above, upTo, has } = readRange(partition);
      const place = { client, bucket: Bucket, prefix: prefix ?? "" };
      for await (const { key, etag, size } of keysBetween(place, { after: after ?? above, upTo, pageKeys, signal })) {
        signal?.throwIfAborted();
        if (has(key)) yield stored(key, etag, size);
      }
    },
    replace: (Key, expected, object): Promise<Replaced> =>
      outcomeOf(async () => {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key, IfMatch: expected }));
        await client.send(
          new PutObjectCommand({ Bucket, Key, Body: object, IfMatch: expected, ...(await keptOf(client, { Bucket, Key }, head)) }),
        );
      }),
    replaceHead: (Key, expected, head) => outcomeOf(() => replaceHeadOnS3(client, { Bucket, Key }, expected, head)),
  };
}
