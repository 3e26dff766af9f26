import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { NewHead } from "./envelope-store.ts";
import { keptOf, type S3Place } from "./s3-object.ts";

// A part other than the last has at least 5 MiB and at most 5 GiB, and there are at most 10,000 ("Amazon S3 multipart upload limits").
const smallestPart = 5 * 1024 * 1024;
const copiedPart = 1024 * 1024 * 1024;

/**
 * The new head and the 5 MiB after the old one go through this process; the rest is copied by the service. Every read, every copy and the completion are bound to the ETag
 * that was expected, and until the completion nothing has changed. An upload that fails is aborted; one whose process died costs storage until the bucket's lifecycle rule
 * for incomplete uploads takes it away.
 */
export async function replaceHeadOnS3(client: S3Client, place: S3Place, expected: string, { bytes, replaces }: NewHead): Promise<void> {
  const head = await client.send(new HeadObjectCommand({ ...place, IfMatch: expected }));
  const size = head.ContentLength ?? 0;
  const kept = await keptOf(client, place, head);
  const first = Math.min(size, replaces + smallestPart);
  const Body = Buffer.concat([bytes, await rangeOf(client, place, expected, replaces, first)]);
  if (first === size) {
    await client.send(new PutObjectCommand({ ...place, Body, IfMatch: expected, ...kept }));
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...kept }));
  try {
    const { ETag } = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body }));
    const Parts = [{ ETag, PartNumber: 1 }];
    for (let from = first; from < size; from += copiedPart) {
      const PartNumber = Parts.length + 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...place,
          UploadId,
          PartNumber,
          CopySource: `${place.Bucket}/${encodeURIComponent(place.Key)}`,
          CopySourceRange: `bytes=${from}-${Math.min(size, from + copiedPart) - 1}`,
          CopySourceIfMatch: expected,
        }),
      );
      Parts.push({ ETag: CopyPartResult?.ETag, PartNumber });
    }
    // Not every service looks at the condition of a completion; where one does not, this leaves it an instant.
    await client.send(new HeadObjectCommand({ ...place, IfMatch: expected }));
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts }, IfMatch: expected }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined);
    throw error;
  }
}

async function rangeOf(client: S3Client, place: S3Place, expected: string, from: number, to: number): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array();
  const { Body } = await client.send(new GetObjectCommand({ ...place, IfMatch: expected, Range: `bytes=${from}-${to - 1}` }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}
