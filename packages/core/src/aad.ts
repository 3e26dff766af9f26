import { type Bytes, concat, copy } from "./bytes.ts";
import { encodeUtf8 } from "./utf8.ts";

/** What one message is about: authenticated, not stored. A string is its UTF-8 bytes; "" and undefined are the same. At most 65,535 bytes. */
export type Aad = Uint8Array | string;

const maxAadBytes = 65_535;
const none = new Uint8Array(0);
const prefix = new TextEncoder().encode("letterlock/1 aad\0");

/**
 * One unambiguous aad from several parts: `aad("users", "ssn", id)`. No two lists make the same bytes, and every implementation makes the same
 * (SPEC section 5). Numbers must be safe integers. TypeError for anything else, and for strings that are not well-formed Unicode.
 */
export function aad(...parts: readonly (string | Uint8Array | number | bigint)[]): Bytes {
  const encoded = parts.flatMap((part) => {
    const bytes = encodePart(part);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return concat([prefix, ...encoded]);
}

/** The bytes of an `aad` argument, a copy where the caller could change them while we wait. */
export function readAad(value: Aad | undefined): Uint8Array {
  const bytes = aadBytes(value);
  return typeof value === "string" ? bytes : copy(bytes);
}

/** For synchronous use. More than 65,535 bytes are a RangeError. */
function aadBytes(value: Aad | undefined): Uint8Array {
  if (value === undefined || value === "") return none;
  if (typeof value !== "string" && !(value instanceof Uint8Array)) throw new TypeError("aad must be a string or a Uint8Array");
  const bytes = typeof value === "string" ? encodeUtf8("aad", value) : value;
  if (bytes.length > maxAadBytes) throw new RangeError(`aad takes ${bytes.length} bytes; the maximum is ${maxAadBytes}`);
  return bytes;
}

/** For functions whose aad is required: "" is said on purpose, undefined is a TypeError. */
export function requireAad(value: Aad): Uint8Array {
  if (value === undefined) throw new TypeError('aad is required: name the place that the record belongs to, or pass "" on purpose');
  return aadBytes(value);
}

function encodePart(part: string | Uint8Array | number | bigint): Uint8Array {
  if (typeof part === "string") return encodeUtf8("a part of an aad", part);
  if (part instanceof Uint8Array) return part;
  if (typeof part === "bigint") return encodeUtf8("a part of an aad", part.toString());
  if (Number.isSafeInteger(part)) return encodeUtf8("a part of an aad", String(part));
  throw new TypeError("a part of an aad must be a string, bytes, a safe integer or a bigint");
}
