import { Buffer } from "node:buffer";
import { hash, type KeyObject, timingSafeEqual } from "node:crypto";
import { type Bytes, secretBytes } from "./bytes.ts";

// SPEC section 4. K and a locally held KEK are used only as the key of D.

export const keyBytes = 32;
export const saltBytes = 24;

/** 32 bytes: K or a locally held KEK. */
export type Secret = Uint8Array | KeyObject;

/** D(K, label, data) = HMAC-SHA-512(K, label || 00 || data || 01): 64 bytes, the caller's to zero. */
export function derive(secret: Secret, label: Uint8Array, data: readonly Uint8Array[]): Buffer {
  return withPads(secret, label, data, (padded) => hash("sha512", padded, "buffer"));
}

/** A label as D takes it: its ASCII bytes and the 00 after them. */
export function label(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${text}\0`, "latin1"));
}

const keyLabel = label("letterlock/1 key");
const headerLabel = label("letterlock/1 header");

/** Commits to K and to core (SPEC section 3.1). */
export function deriveKeyId(secret: Secret, core: Uint8Array): Bytes {
  return derivePublic(secret, keyLabel, [core]);
}

/** Commits to the list of (provider, keyRef). `ids` in header order. */
export function deriveMac(secret: Secret, keyId: Uint8Array, ids: readonly Uint8Array[]): Bytes {
  return derivePublic(secret, headerLabel, [keyId, Uint8Array.of(ids.length), ...ids]);
}

/** Constant time in the contents; lengths are public. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The first 32 bytes of D where a header shows them. A string costs half of the buffer that it is written to. */
function derivePublic(secret: Secret, label: Uint8Array, data: readonly Uint8Array[]): Bytes {
  const text = withPads(secret, label, data, (padded) => hash("sha512", padded, "binary"));
  return new Uint8Array(Buffer.from(text, "latin1").subarray(0, 32));
}

/** Block and output of SHA-512. */
export const blockBytes = 128;
export const hashBytes = 64;
/** K xor ipad || message, and K xor opad || inner hash (RFC 2104): one of each for all, because K is in them only while `withPads` runs. */
let inner = padded(8192, 0x36);
const outer = padded(blockBytes + hashBytes, 0x5c);

/** HMAC as two one-shot hashes, which cost less than createHmac, because no native object is made that has to be collected. */
function withPads<T>(secret: Secret, label: Uint8Array, data: readonly Uint8Array[], finish: (outer: Uint8Array) => T): T {
  let length = blockBytes + label.length + 1;
  for (const part of data) length += part.length;
  if (length > inner.length) inner = padded(length, 0x36);
  inner.set(label, blockBytes);
  let end = blockBytes + label.length;
  for (const part of data) {
    inner.set(part, end);
    end += part.length;
  }
  inner[end] = 1;
  const key = secret instanceof Uint8Array ? secret : secret.export();
  try {
    for (let i = 0; i < keyBytes; i++) {
      inner[i] = (key[i] as number) ^ 0x36;
      outer[i] = (key[i] as number) ^ 0x5c;
    }
    // The inner hash tells nothing about K, and nothing about the result without the outer pad, so it may pass through a string, which is cheapest.
    outer.write(hash("sha512", inner.subarray(0, length), "binary"), blockBytes, hashBytes, "latin1");
    return finish(outer);
  } finally {
    // Byte by byte: the fill of a Buffer checks more than it writes.
    for (let i = 0; i < keyBytes; i++) {
      inner[i] = 0;
      outer[i] = 0;
    }
    if (key !== secret) key.fill(0);
  }
}

function padded(length: number, pad: number): Buffer {
  return Buffer.from(secretBytes(length).buffer).fill(pad, keyBytes, blockBytes);
}
