import { Buffer } from "node:buffer";
import { AwsKmsError } from "./aws-kms-error.ts";
import { type Fields, integer, optionalText } from "./fields.ts";

export interface Paging {
  readonly most: number;
  /** The size of a page when nobody asks for one. */
  readonly otherwise: number;
}

/** One page of a list, in the order of the items' names. A marker stays good while items come and go. */
export function page<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  fields: Fields,
  { most, otherwise }: Paging,
): { readonly items: readonly T[]; readonly end: Readonly<Record<string, unknown>> } {
  const limit = integer(fields, "Limit", [1, most]) ?? otherwise;
  const after = readMarker(optionalText(fields, "Marker"));
  const rest = items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).filter((item) => after === undefined || nameOf(item) > after);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  if (last === undefined || rest.length === shown.length) return { items: shown, end: { Truncated: false } };
  return { items: shown, end: { Truncated: true, NextMarker: marker(nameOf(last)) } };
}

const prefix = "after:";

function marker(name: string): string {
  return Buffer.from(prefix + name).toString("base64");
}

function readMarker(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const decoded = Buffer.from(text, "base64").toString();
  if (!decoded.startsWith(prefix) || marker(decoded.slice(prefix.length)) !== text) {
    throw new AwsKmsError("InvalidMarkerException", "Invalid marker");
  }
  return decoded.slice(prefix.length);
}
