import { Buffer } from "node:buffer";
import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { secretBytes } from "./bytes.ts";
import { blockBytes, derive, hashBytes, keyBytes, label, saltBytes } from "./derive.ts";

// SPEC section 4: mkey || base = D(K, "letterlock/1 payload", keyId || salt)[:44], once for every message.

export interface MessageKey {
  readonly key: KeyObject;
  /** The nonce of segment 0, 12 bytes; valid until the next one is derived. */
  readonly base: Uint8Array;
}

/** `source[offset : offset + 24]` is the salt. undefined once it was disposed. */
export type MessageKeys = (source: Uint8Array, offset: number) => MessageKey | undefined;

const payloadLabel = label("letterlock/1 payload");

/** For an operation on one message. */
export function messageKeys(key: KeyObject, keyId: Uint8Array): MessageKeys {
  return (source, offset) => derived(key, keyId, source, offset);
}

/** The key of a message. An operation that began before its key was disposed or evicted still holds the KeyObject, and ends with it. */
export function messageKeyOf(
  opened: { readonly key: KeyObject; readonly keyId: Uint8Array; readonly messageKeys: MessageKeys },
  source: Uint8Array,
  offset: number,
): MessageKey {
  return opened.messageKeys(source, offset) ?? derived(opened.key, opened.keyId, source, offset);
}

function derived(key: KeyObject, keyId: Uint8Array, source: Uint8Array, offset: number): MessageKey {
  return keyAndNonce(derive(key, payloadLabel, [keyId, source.subarray(offset, offset + saltBytes)]));
}

/**
 * For many messages under one K: HMAC as two one-shot hashes over prepared pads (RFC 2104), which costs half of createHmac, because no native object is
 * made. The pads are as secret as K. They are zeroed by dispose, and when the result is collected without one.
 */
export function manyMessageKeys(key: KeyObject, keyId: Uint8Array): MessageKeys & Disposable {
  const pads = preparedPads(key, keyId);
  const { inner, outer } = pads;
  let live = true;
  const keys = Object.assign(
    (source: Uint8Array, offset: number): MessageKey | undefined => {
      if (!live) return undefined;
      for (let i = 0; i < saltBytes; i++) inner[saltOffset + i] = source[offset + i] as number;
      // The inner hash tells nothing about K, and nothing about the result without the outer pad, so it may pass through a string, which is cheapest.
      outer.write(hash("sha512", inner, "binary"), blockBytes, hashBytes, "latin1");
      return keyAndNonce(hash("sha512", outer, "buffer"));
    },
    {
      [Symbol.dispose]: () => {
        live = false;
        zero(pads);
      },
    },
  );
  forgotten.register(keys, pads);
  return keys;
}

/** The first 32 bytes as a key, the next 12 as a nonce; zeroes `derived`. */
export function keyAndNonce(derived: Buffer): MessageKey {
  for (let i = 0; i < keyBytes; i++) secret[i] = derived[i] as number;
  const key = createSecretKey(secret);
  secret.fill(0);
  for (let i = 0; i < 12; i++) nonce[i] = derived[keyBytes + i] as number;
  for (let i = 0; i < derived.length; i++) derived[i] = 0;
  return { key, base: nonce };
}

/** One for all, used at once: a small array that is new would first have to move out of the heap of V8. */
const secret = secretBytes(keyBytes);
const nonce = secretBytes(12);

interface Pads {
  /** K xor ipad || label || keyId || salt || 01; only the salt changes. */
  readonly inner: Buffer;
  /** K xor opad || inner hash. */
  readonly outer: Buffer;
}

const saltOffset = blockBytes + payloadLabel.length + 32;

function preparedPads(key: KeyObject, keyId: Uint8Array): Pads {
  const inner = Buffer.from(secretBytes(saltOffset + saltBytes + 1).buffer);
  const outer = Buffer.from(secretBytes(blockBytes + hashBytes).buffer);
  const secret = key.export();
  for (let i = 0; i < blockBytes; i++) {
    const byte = i < keyBytes ? (secret[i] as number) : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  secret.fill(0);
  inner.set(payloadLabel, blockBytes);
  inner.set(keyId, blockBytes + payloadLabel.length);
  inner[inner.length - 1] = 1;
  return { inner, outer };
}

const forgotten = new FinalizationRegistry<Pads>(zero);

function zero({ inner, outer }: Pads): void {
  inner.fill(0);
  outer.fill(0);
}
