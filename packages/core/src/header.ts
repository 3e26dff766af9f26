import { Buffer } from "node:buffer";
import { type Bytes, concat, copy } from "./bytes.ts";
import { isReserved, maxContextBytes, maxKeyBytes, maxPairs, maxValueBytes, type StoredPair } from "./context.ts";
import { byteOrder, type Cursor, cursor, limitExceeded, malformed } from "./cursor.ts";
import { LetterlockError } from "./error.ts";
import type { StoredRecipient } from "./recipient.ts";
import type { SuiteId, UsageId } from "./suite.ts";
import { decodeUtf8 } from "./utf8.ts";

// SPEC section 3. Everything here is unauthenticated until open-header.ts says otherwise.

export interface Header {
  readonly suite: SuiteId;
  readonly usage: UsageId;
  readonly pairs: readonly StoredPair[];
  /** Suite, usage, nctx and the pairs, as stored: the core of SPEC 3.1 where no value is detached. */
  readonly stored: Uint8Array;
  readonly keyId: Uint8Array;
  readonly recipients: readonly StoredRecipient[];
  readonly mac: Uint8Array;
}

/** SPEC 9.1: follows from the other limits. */
export const maxHeaderBytes = 45_683;
export const maxRecipients = 16;

/** Parses exactly `input`. What it returns are views of one copy. Errors by code: "malformed", "limit-exceeded", "unsupported". */
export function parseHeader(input: Uint8Array): Header {
  const bytes = copy(input.subarray(0, maxHeaderBytes + 1));
  const read = cursor(bytes);
  const suite = read.u8();
  if (suite !== 1 && suite !== 2) throw new LetterlockError("unsupported", `unknown suite ${suite}`);
  const usage = read.u8();
  if (usage !== 1 && usage !== 2) throw malformed(`unknown usage ${usage}`);
  const pairs = parsePairs(read);
  const stored = read.since(0);
  const keyId = read.bytes(32);
  const recipients = parseRecipients(read);
  const mac = read.bytes(32);
  if (!read.atEnd() || input.length > bytes.length) throw malformed("bytes after the header");
  return { suite, usage, pairs, stored, keyId, recipients, mac };
}

export type EncodableHeader = Pick<Header, "stored" | "keyId" | "recipients" | "mac">;

/** Recipients must be sorted. Every accepted header re-encodes to the same bytes. */
export function encodeHeader(header: EncodableHeader): Bytes {
  return concat(headerParts(header));
}

/** For an object that is put together in one go: the bytes of `encodeHeader`, in pieces. */
export function headerParts(header: EncodableHeader): readonly Uint8Array[] {
  const parts: Uint8Array[] = [header.stored, header.keyId, Uint8Array.of(header.recipients.length)];
  for (const { id, keyVersion, wrapped } of header.recipients) {
    const version = Buffer.from(keyVersion ?? "", "latin1");
    parts.push(id, Uint8Array.of(version.length), version, Uint8Array.of(wrapped.length >> 8, wrapped.length & 0xff), wrapped);
  }
  parts.push(header.mac);
  return parts;
}

function parsePairs(read: Cursor): StoredPair[] {
  const pairs: StoredPair[] = [];
  const count = read.length8(0, maxPairs, "context pairs");
  let size = 1;
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const flag = read.u8();
    if (flag > 1) throw malformed(`context flag ${flag}`);
    const keyBytes = read.bytes(read.length8(1, maxKeyBytes, "bytes in a context key"));
    const key = decodeUtf8(keyBytes);
    if (key === undefined) throw malformed("a context key is not well-formed UTF-8");
    if (isReserved(key)) throw malformed("a reserved context key");
    if (byteOrder(previous, keyBytes) >= 0) throw malformed("context keys are not strictly ascending");
    previous = keyBytes;
    const valueBytes = flag === 1 ? undefined : read.bytes(read.length16(0, maxValueBytes, "bytes in a context value"));
    const value = valueBytes === undefined ? undefined : decodeUtf8(valueBytes);
    if (valueBytes !== undefined && value === undefined) throw malformed("a context value is not well-formed UTF-8");
    size += 4 + keyBytes.length + (valueBytes?.length ?? 0);
    if (size > maxContextBytes) throw limitExceeded(`bytes of context: ${size}; the maximum is ${maxContextBytes}`);
    pairs.push({ key, keyBytes, value, valueBytes });
  }
  return pairs;
}

function parseRecipients(read: Cursor): StoredRecipient[] {
  const recipients: StoredRecipient[] = [];
  const count = read.length8(1, maxRecipients, "recipients");
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const start = read.offset();
    const provider = read.text(read.length8(1, 32, "bytes in a provider name"));
    if (!/^[a-z][a-z0-9-]*$/.test(provider)) throw malformed("a provider name has a byte that is not allowed");
    const keyRef = read.visible(read.length8(1, 255, "bytes in a keyRef"), "keyRef");
    const id = read.since(start);
    if (byteOrder(previous, id) >= 0) throw malformed("recipients are not strictly ascending");
    previous = id;
    const keyVersion = read.visible(read.length8(0, 255, "bytes in a keyVersion"), "keyVersion");
    const wrapped = read.bytes(read.length16(1, 2048, "bytes in a wrapped key"));
    recipients.push({ id, provider, keyRef, keyVersion: keyVersion === "" ? undefined : keyVersion, wrapped });
  }
  return recipients;
}
