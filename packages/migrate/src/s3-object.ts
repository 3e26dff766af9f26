import { GetObjectTaggingCommand, type HeadObjectCommandOutput, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import type { Replaced } from "./envelope-store.ts";

export interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
}

type Kept = Partial<Pick<PutObjectCommandInput, (typeof headers)[number] | "Tagging" | "SSEKMSKeyId" | "BucketKeyEnabled" | "Expires">>;

const headers = [
  "Metadata",
  "ContentType",
  "ContentEncoding",
  "ContentLanguage",
  "ContentDisposition",
  "CacheControl",
  "StorageClass",
  "ServerSideEncryption",
  "WebsiteRedirectLocation",
] as const;

/** What a new content shall not change. */
export async function keptOf(client: S3Client, place: S3Place, head: HeadObjectCommandOutput): Promise<Kept> {
  const kept: Record<string, unknown> = {};
  for (const name of headers) if (head[name] !== undefined) kept[name] = head[name];
  if (head.SSEKMSKeyId !== undefined) kept.SSEKMSKeyId = head.SSEKMSKeyId;
  if (head.BucketKeyEnabled !== undefined) kept.BucketKeyEnabled = head.BucketKeyEnabled;
  const expires = head.ExpiresString === undefined ? undefined : new Date(head.ExpiresString);
  if (expires !== undefined && !Number.isNaN(expires.getTime())) kept.Expires = expires;
  const tags = await tagsOf(client, place, head);
  if (tags !== "") kept.Tagging = tags;
  return kept as Kept;
}

/** As a query string, which is how a write takes them. Some services do not count them in the answer to HEAD. */
async function tagsOf(client: S3Client, place: S3Place, { TagCount }: HeadObjectCommandOutput): Promise<string> {
  if (TagCount === undefined || TagCount === 0) return "";
  const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(place));
  return new URLSearchParams(TagSet.map(({ Key = "", Value = "" }): [string, string] => [Key, Value])).toString().replaceAll("+", "%20");
}

/** A condition that does not hold, and a write at the same time (409), are answers; anything else is an error. */
export async function outcomeOf(write: () => Promise<void>): Promise<Replaced> {
  try {
    await write();
    return "replaced";
  } catch (error) {
    const { name, $metadata } = error as { readonly name?: string; readonly $metadata?: { readonly httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === 412 || (status === 409 && name === "ConditionalRequestConflict")) return "conflict";
    if (status === 404 && (name === "NoSuchKey" || name === "NotFound")) return "gone";
    throw error;
  }
}
