import { requireBytes } from "./bytes.ts";
import type { Context } from "./context.ts";
import { malformed } from "./cursor.ts";
import { LetterlockError } from "./error.ts";
import type { Header } from "./header.ts";
import type { Recipient, Suite, Usage } from "./kek.ts";
import { envelopePrefixBytes, keyBlobPrefixBytes, parseObject } from "./object.ts";
import { checkOptions } from "./options.ts";
import { layoutOf } from "./payload.ts";
import { publicRecipient } from "./recipient.ts";
import { suiteName, usageName } from "./suite.ts";
import { toText } from "./text.ts";

export interface HeaderInfo {
  readonly suite: Suite;
  readonly usage: Usage;
  /** Stored values. */
  readonly context: Context;
  readonly detached: readonly string[];
  readonly recipients: readonly Recipient[];
  /** Of the header alone, without the object's prefix. */
  readonly bytes: number;
}

/** plaintextBytes is undefined where the payload has no valid layout. keyId: unpadded base64url. */
export type ObjectInfo =
  | { readonly type: "envelope"; readonly keyId: string; readonly header: HeaderInfo; readonly plaintextBytes: number | undefined }
  | { readonly type: "key-blob"; readonly keyId: string; readonly header: HeaderInfo }
  | { readonly type: "record"; readonly keyId: string; readonly plaintextBytes: number | undefined };

/**
 * What is inside, offline. Nothing in it is authenticated: show it as such. With `size`, `object` may be the first bytes of a larger one, as long as the
 * header is among them. "malformed", "limit-exceeded" and "unsupported" as for opening.
 */
export function inspect(object: Uint8Array, options: { readonly size?: number | undefined } = {}): ObjectInfo {
  requireBytes("object", object);
  checkOptions(options, ["size"]);
  const size = options.size === undefined ? object.length : options.size;
  if (!Number.isSafeInteger(size)) throw new TypeError("size must be a whole number of bytes");
  if (size < object.length) throw new RangeError(`size is ${size}, but there are ${object.length} bytes already`);
  const parsed = parseObject(object, ["envelope", "key-blob", "record"]);
  if (parsed.type === "record")
    return { type: parsed.type, keyId: toText(parsed.keyId), plaintextBytes: plaintextBytesOf(size - parsed.payloadOffset) };
  const bytes = parsed.type === "envelope" ? parsed.payloadOffset - envelopePrefixBytes : object.length - keyBlobPrefixBytes;
  const info = { keyId: toText(parsed.header.keyId), header: headerInfo(parsed.header, bytes) };
  if (parsed.type === "envelope") return { type: parsed.type, ...info, plaintextBytes: plaintextBytesOf(size - parsed.payloadOffset) };
  if (size !== object.length) throw malformed("bytes after the header");
  return { type: parsed.type, ...info };
}

function headerInfo(header: Header, bytes: number): HeaderInfo {
  const stored = header.pairs.flatMap(({ key, value }): [string, string][] => (value === undefined ? [] : [[key, value]]));
  return {
    suite: suiteName(header.suite),
    usage: usageName(header.usage),
    context: Object.fromEntries(stored),
    detached: header.pairs.filter(({ value }) => value === undefined).map(({ key }) => key),
    recipients: header.recipients.map(publicRecipient),
    bytes,
  };
}

function plaintextBytesOf(payloadBytes: number): number | undefined {
  try {
    return layoutOf(payloadBytes).plaintextBytes;
  } catch (error) {
    if (LetterlockError.is(error)) return undefined;
    throw error;
  }
}
