import { Buffer } from "node:buffer";
import { type Bytes, requireBytes } from "./bytes.ts";
import { malformed } from "./cursor.ts";

/** Unpadded base64url (RFC 4648 section 5). The text of every object of this version starts with "ltrlE". */
export function toText(object: Uint8Array): string {
  requireBytes("object", object);
  return Buffer.from(object.buffer, object.byteOffset, object.byteLength).toString("base64url");
}

/** The bytes of `text`; anything but canonical unpadded base64url is "malformed". */
export function fromText(text: string): Bytes {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  // Buffer ignores what it does not know; only the canonical text comes back.
  if (text.length === 0 || toText(bytes) !== text) throw malformed("not canonical base64url without padding");
  return bytes;
}
