import { type Bytes, owned, uninitialised } from "./bytes.ts";
import { limitExceeded } from "./cursor.ts";
import { saltBytes } from "./derive.ts";
import { LetterlockError } from "./error.ts";
import { messageKeyOf } from "./message-key.ts";
import type { OpenedKey } from "./open-header.ts";
import { writeSalt } from "./random.ts";
import { aeadOpen, aeadSeal, tagBytes } from "./suite.ts";

// SPEC section 5: salt, then segments of 65,536 bytes; the last one is always shorter.

export const segmentBytes = 65_536;
export const sealedSegmentBytes: number = segmentBytes + tagBytes;
const maxSegments = 2 ** 32;

export interface Layout {
  readonly finalIndex: number;
  /** Of the final segment within the payload. */
  readonly finalOffset: number;
  readonly plaintextBytes: number;
}

/** "truncated" where no final segment fits, "limit-exceeded" above 2^32 segments. */
export function layoutOf(payloadBytes: number): Layout {
  const rest = payloadBytes - saltBytes;
  const finalIndex = Math.floor(rest / sealedSegmentBytes);
  const finalBytes = rest - finalIndex * sealedSegmentBytes;
  if (payloadBytes < saltBytes + tagBytes || finalBytes < tagBytes) throw truncated();
  if (finalIndex >= maxSegments) throw limitExceeded(`segments: ${finalIndex + 1}; the maximum is ${maxSegments}`);
  return { finalIndex, finalOffset: segmentOffset(finalIndex), plaintextBytes: segmentBytes * finalIndex + finalBytes - tagBytes };
}

/** Within the payload. */
export function segmentOffset(index: number): number {
  return saltBytes + sealedSegmentBytes * index;
}

export function payloadBytesOf(plaintextBytes: number): number {
  return saltBytes + plaintextBytes + tagBytes * (Math.floor(plaintextBytes / segmentBytes) + 1);
}

export function truncated(): LetterlockError {
  return new LetterlockError("truncated", "the payload has no final segment: it was cut off or is still being written");
}

/** Seals and opens the segments of one message: K, salt and aad are fixed. */
export interface Message {
  sealSegment(index: number, plaintext: Uint8Array): { readonly ciphertext: Bytes; readonly tag: Bytes };
  /** "not-authentic" unless the tag verifies. A buffer of its own. */
  openSegment(index: number, sealed: Uint8Array): Bytes;
}

export function messageOf(opened: OpenedKey, salt: Uint8Array, aad: Uint8Array): Message {
  const { suite } = opened.core;
  const { key, base: first } = messageKeyOf(opened, salt, 0);
  const base = new Uint8Array(first);
  const view = new DataView(base.buffer);
  const last = view.getUint32(8);
  const nonce = (index: number): Uint8Array => {
    if (index >= maxSegments) throw limitExceeded(`segments: more than ${maxSegments}`);
    view.setUint32(8, (last ^ index) >>> 0);
    return base;
  };
  return {
    sealSegment: (index, plaintext) => {
      const { ciphertext, tag } = aeadSeal(suite, key, nonce(index), aad, plaintext);
      return { ciphertext: owned(ciphertext), tag: owned(tag) };
    },
    openSegment: (index, sealed) => verified(aeadOpen(suite, key, nonce(index), aad, sealed)),
  };
}

/** Writes the whole payload, from a fresh salt on, into target[offset : offset + payloadBytesOf(plaintext.length)]. */
export function sealPayload(opened: OpenedKey, plaintext: Uint8Array, aad: Uint8Array, target: Uint8Array, offset: number): void {
  writeSalt(target, offset);
  if (plaintext.length < segmentBytes) {
    sealOnly(opened, plaintext, aad, target, offset);
    return;
  }
  const message = messageOf(opened, target.subarray(offset, offset + saltBytes), aad);
  // Plain: `subarray` of a subclass may not give the part that was asked for.
  const bytes = new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  let at = offset + saltBytes;
  for (let index = 0, from = 0; from <= plaintext.length; index++, from += segmentBytes) {
    const { ciphertext, tag } = message.sealSegment(index, bytes.subarray(from, from + segmentBytes));
    target.set(ciphertext, at);
    at += ciphertext.length;
    target.set(tag, at);
    at += tagBytes;
  }
}

/** Releases nothing until the final segment was verified (SPEC 8.3); what was opened before a failure is zeroed. */
export function openPayload(opened: OpenedKey, object: Uint8Array, offset: number, aad: Uint8Array): Bytes {
  const { finalIndex, plaintextBytes } = layoutOf(object.length - offset);
  if (finalIndex === 0) return openOnly(opened, object, offset, aad);
  const payload = object.subarray(offset);
  const message = messageOf(opened, payload.subarray(0, saltBytes), aad);
  const plaintext = uninitialised(plaintextBytes);
  try {
    for (let index = 0; index <= finalIndex; index++) {
      const from = segmentOffset(index);
      plaintext.set(message.openSegment(index, payload.subarray(from, from + sealedSegmentBytes)), index * segmentBytes);
    }
  } catch (error) {
    plaintext.fill(0);
    throw error;
  }
  return plaintext;
}

/** One segment, the common case: its nonce is base itself. */
function sealOnly(opened: OpenedKey, plaintext: Uint8Array, aad: Uint8Array, target: Uint8Array, offset: number): void {
  const { key, base } = messageKeyOf(opened, target, offset);
  const { ciphertext, tag } = aeadSeal(opened.core.suite, key, base, aad, plaintext);
  target.set(ciphertext, offset + saltBytes);
  target.set(tag, offset + saltBytes + plaintext.length);
}

function openOnly(opened: OpenedKey, object: Uint8Array, offset: number, aad: Uint8Array): Bytes {
  const { key, base } = messageKeyOf(opened, object, offset);
  return verified(aeadOpen(opened.core.suite, key, base, aad, object, offset + saltBytes));
}

function verified(plaintext: Uint8Array | undefined): Bytes {
  if (plaintext === undefined) throw new LetterlockError("not-authentic", "the payload was changed, or it was sealed with another aad");
  return owned(plaintext);
}
