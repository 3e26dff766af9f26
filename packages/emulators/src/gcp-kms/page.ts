import { Refusal } from "./status.ts";

export interface PageRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

const defaultPageSize = 100;
const largestPageSize = 1000;

/** One page of a list, under the name that the response has for it. */
export function page<T>({ pageSize, pageToken }: PageRequest, all: readonly T[], name: string, show: (one: T) => object): object {
  if (pageSize < 0) throw new Refusal("INVALID_ARGUMENT", "The page_size must not be negative.");
  const start = pageToken === "" ? 0 : offsetIn(pageToken);
  const end = start + Math.min(pageSize === 0 ? defaultPageSize : pageSize, largestPageSize);
  return {
    [name]: all.slice(start, end).map(show),
    nextPageToken: end < all.length ? Buffer.from(`from:${end}`).toString("base64url") : "",
    totalSize: all.length,
  };
}

function offsetIn(pageToken: string): number {
  const offset = /^from:(\d+)$/.exec(Buffer.from(pageToken, "base64url").toString("latin1"))?.[1];
  if (offset === undefined) throw new Refusal("INVALID_ARGUMENT", "The page_token is not one that this list returned.");
  return Number(offset);
}
