import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { hashPartitions, isInPartition } from "./hash-partition.ts";
import { checkNames } from "./migration.ts";
import { replaceHeadOnS3 } from "./s3-head.ts";
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
    partitions: async (target) => hashPartitions(target),
    async *scan(partition, { after, signal } = {}) {
      let token: string | undefined;
      do {
        signal?.throwIfAborted();
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            // A key may have characters that XML cannot.
            EncodingType: "url",
            ...(prefix !== undefined && { Prefix: prefix }),
            ...(pageKeys !== undefined && { MaxKeys: pageKeys }),
            ...(token !== undefined ? { ContinuationToken: token } : after !== undefined && { StartAfter: after }),
          }),
          signal === undefined ? {} : { abortSignal: signal },
        );
        for (const { Key, ETag, Size } of page.Contents ?? []) {
          signal?.throwIfAborted();
          if (Key === undefined || ETag === undefined) continue;
          const id = page.EncodingType === "url" ? decodeURIComponent(Key.replaceAll("+", " ")) : Key;
          if (isInPartition(id, partition)) yield stored(id, ETag, Size ?? 0);
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
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
