import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
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
const payloadLabel = label("letterlock/1 payload");

/** Commits to K and to core (SPEC section 3.1). */
export function deriveKeyId(key: KeyObject, core: Uint8Array): Bytes {
  return new Uint8Array(derive(key, keyLabel, [core]).subarray(0, 32));
}

/** Commits to the list of (provider, keyRef). `ids` in header order. */
export function deriveMac(key: KeyObject, keyId: Uint8Array, ids: readonly Uint8Array[]): Bytes {
  return new Uint8Array(derive(key, headerLabel, [keyId, Uint8Array.of(ids.length), ...ids]).subarray(0, 32));
}

/** label || keyId || salt || 01 in one buffer, because one update is cheaper than four. Nothing in it is secret, and it is used synchronously. */
const payloadInput = new Uint8Array(payloadLabel.length + 32 + saltBytes + 1);
payloadInput.set(payloadLabel);
payloadInput[payloadInput.length - 1] = 1;

export interface MessageKey {
  readonly key: KeyObject;
  /** The nonce of segment 0. */
  readonly base: Bytes;
}

/** mkey and base of one message. */
export function deriveMessageKey(key: KeyObject, keyId: Uint8Array, salt: Uint8Array): MessageKey {
  payloadInput.set(keyId, payloadLabel.length);
  payloadInput.set(salt, payloadLabel.length + 32);
  return keyAndNonce(createHmac("sha512", key).update(payloadInput).digest());
}

/** The first 32 bytes as a key, the next 12 as a nonce; zeroes `derived`. */
export function keyAndNonce(derived: Buffer): MessageKey {
  const key = createSecretKey(derived.subarray(0, keyBytes));
  const base = new Uint8Array(12);
  base.set(derived.subarray(keyBytes, keyBytes + 12));
  derived.fill(0);
  return { key, base };
}

/** Constant time in the contents; lengths are public. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
