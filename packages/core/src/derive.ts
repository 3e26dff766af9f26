import { Buffer } from "node:buffer";
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Bytes } from "./bytes.ts";

// SPEC section 4. K and a locally held KEK are used only as the key of D.

export const keyBytes = 32;
export const saltBytes = 24;
const one = Uint8Array.of(1);

/** D(K, label, data) = HMAC-SHA-512(K, label || 00 || data || 01): 64 bytes, the caller's to zero. */
export function derive(key: KeyObject, label: Uint8Array, data: readonly Uint8Array[]): Buffer {
  const hmac = createHmac("sha512", key).update(label);
  for (const part of data) hmac.update(part);
  return hmac.update(one).digest();
}

/** A label as D takes it: its ASCII bytes and the 00 after them. */
export function label(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${text}\0`, "latin1"));
}

const keyLabel = label("letterlock/1 key");
const headerLabel = label("letterlock/1 header");

/** Commits to K and to core (SPEC section 3.1). */
export function deriveKeyId(key: KeyObject, core: Uint8Array): Bytes {
  return new Uint8Array(derive(key, keyLabel, [core]).subarray(0, 32));
}

/** Commits to the list of (provider, keyRef). `ids` in header order. */
export function deriveMac(key: KeyObject, keyId: Uint8Array, ids: readonly Uint8Array[]): Bytes {
  return new Uint8Array(derive(key, headerLabel, [keyId, Uint8Array.of(ids.length), ...ids]).subarray(0, 32));
}

/** Constant time in the contents; lengths are public. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
