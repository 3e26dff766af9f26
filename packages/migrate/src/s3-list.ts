import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { abortable } from "./abortable.ts";

export interface S3Keys {
  readonly client: S3Client;
  readonly bucket: string;
  /** "" for every key. */
  readonly prefix: string;
}

export interface ListedKey {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

export interface ListOptions {
  readonly after?: string | undefined;
  readonly pageKeys?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Keys with the prefix, above `after`, up to and with `upTo`. Rejects where the service does not list such a range in the order of bytes, which would leave keys out. */
export async function* keysBetween(
  place: S3Keys,
  { upTo, ...options }: ListOptions & { readonly upTo: string | undefined },
): AsyncGenerator<ListedKey> {
  const { after, pageKeys, signal } = options;
  const isRange = after !== undefined || upTo !== undefined;
  let token: string | undefined;
  let last = after;
  do {
    const page = await listed(place, { pageKeys, signal, ...(token === undefined ? { after } : { token }) });
    for (const { key } of isRange ? page.keys : []) {
      if (last !== undefined && compareKeys(key, last) <= 0) throw new Error("the service does not list keys in the order of their bytes");
      last = key;
    }
    for (const one of page.keys) {
      if (upTo !== undefined && compareKeys(one.key, upTo) > 0) return;
      yield one;
    }
    token = page.next;
  } while (token !== undefined);
}

/** One request. */
export async function firstKeysAfter(
  place: S3Keys,
  after: string,
  pageKeys: number,
): Promise<{ readonly keys: string[]; readonly isAll: boolean }> {
  const { keys, next } = await listed(place, { after, pageKeys });
  return { keys: keys.map(({ key }) => key), isAll: next === undefined };
}

/** As S3 sorts: by their UTF-8, which is not the order of strings here. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function listed(
  { client, bucket: Bucket, prefix }: S3Keys,
  { after, pageKeys, signal, token }: ListOptions & { readonly token?: string | undefined },
): Promise<{ readonly keys: ListedKey[]; readonly next: string | undefined }> {
  const command = new ListObjectsV2Command({
    Bucket,
    // A key may have characters that XML cannot.
    EncodingType: "url",
    ...(prefix !== "" && { Prefix: prefix }),
    ...(pageKeys !== undefined && { MaxKeys: pageKeys }),
    ...(token !== undefined ? { ContinuationToken: token } : after !== undefined && after !== "" && { StartAfter: after }),
  });
  const page = await abortable(signal, (until) => client.send(command, until));
  const keys = (page.Contents ?? []).flatMap(({ Key, ETag, Size }) => {
    if (Key === undefined) return [];
    // Left out in silence, it would be missed by every step.
    if (ETag === undefined) throw new Error(`the service lists ${Key} without an ETag, which a replacement is bound to`);
    return [{ key: page.EncodingType === "url" ? decodeURIComponent(Key.replaceAll("+", " ")) : Key, etag: ETag, size: Size ?? 0 }];
  });
  return { keys, next: page.IsTruncated === true ? page.NextContinuationToken : undefined };
}
