import { type Bytes, concat, copy } from "./bytes.ts";
import { malformed } from "./cursor.ts";
import { LetterlockError } from "./error.ts";
import { type Header, parseHeader } from "./header.ts";

// SPEC section 2: the three objects, told apart by their first four bytes.

const magic = [0x96, 0xda, 0xe5] as const;
const keyBlobType = 0x11;
const envelopeType = 0x12;
const recordType = 0x13;
export const keyBlobPrefixBytes = 4;
export const envelopePrefixBytes = 6;
export const recordPrefixBytes = 36;

export type ObjectType = "key-blob" | "envelope" | "record";
export type ParsedEnvelope = { readonly type: "envelope"; readonly header: Header; readonly payloadOffset: number };
export type ParsedKeyBlob = { readonly type: "key-blob"; readonly header: Header };
export type ParsedRecord = { readonly type: "record"; readonly keyId: Bytes; readonly payloadOffset: number };
export type ParsedObject = ParsedEnvelope | ParsedKeyBlob | ParsedRecord;

/** Checks in the order of SPEC section 2. A type that is not among `accepted` is "malformed". */
export function parseObject<T extends ObjectType>(object: Uint8Array, accepted: readonly T[]): Extract<ParsedObject, { type: T }> {
  const type = objectType(object);
  if (!(accepted as readonly string[]).includes(type))
    throw malformed(`expected ${accepted.map(article).join(" or ")}, this is ${article(type)}`);
  return parseAs(type, object) as Extract<ParsedObject, { type: T }>;
}

export function objectType(object: Uint8Array): ObjectType {
  if (object.length < 4 || object[0] !== magic[0] || object[1] !== magic[1] || object[2] !== magic[2])
    throw malformed("not a letterlock object");
  const type = object[3] as number;
  if (type >> 4 !== 1) throw new LetterlockError("unsupported", `format version ${type >> 4}; this version reads version 1`);
  if (type === keyBlobType) return "key-blob";
  if (type === envelopeType) return "envelope";
  if (type === recordType) return "record";
  throw new LetterlockError("unsupported", `unknown object type 0x${type.toString(16)}`);
}

/** Bytes of an envelope before its payload, as far as its first six bytes tell. */
export function payloadOffsetOf(prefix: Uint8Array): number {
  if (prefix.length < envelopePrefixBytes) throw malformed("the envelope ends inside its prefix");
  return envelopePrefixBytes + (prefix[4] as number) * 256 + (prefix[5] as number);
}

export function keyBlobOf(header: Uint8Array): Bytes {
  return concat([keyBlobPrefix(), header]);
}

export function keyBlobPrefix(): Uint8Array {
  return Uint8Array.of(...magic, keyBlobType);
}

/** Everything of an envelope but its payload. */
export function envelopeHeadOf(header: Uint8Array): Bytes {
  return concat([envelopePrefix(header.length), header]);
}

export function envelopePrefix(headerBytes: number): Uint8Array {
  return Uint8Array.of(...magic, envelopeType, headerBytes >> 8, headerBytes & 0xff);
}

export function writeRecordPrefix(target: Uint8Array, keyId: Uint8Array): void {
  target.set(magic);
  target[3] = recordType;
  target.set(keyId, 4);
}

function parseAs(type: ObjectType, object: Uint8Array): ParsedObject {
  if (type === "key-blob") return { type, header: parseHeader(object.subarray(keyBlobPrefixBytes)) };
  if (type === "envelope") {
    const payloadOffset = payloadOffsetOf(object);
    if (object.length < payloadOffset) throw malformed("the envelope ends inside its header");
    return { type, header: parseHeader(object.subarray(envelopePrefixBytes, payloadOffset)), payloadOffset };
  }
  if (object.length < recordPrefixBytes) throw malformed("the record ends inside its keyId");
  return { type, keyId: copy(object.subarray(4, recordPrefixBytes)), payloadOffset: recordPrefixBytes };
}

function article(type: ObjectType): string {
  return type === "envelope" ? "an envelope" : type === "record" ? "a record" : "a key blob";
}
