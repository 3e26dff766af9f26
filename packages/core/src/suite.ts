import type { Buffer } from "node:buffer";
import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM, type KeyObject } from "node:crypto";
import type { Suite, Usage } from "./kek.ts";

// SPEC section 5: two AEADs with key 32, nonce 12 and tag 16 bytes. Usage and suite are stored as one byte each.

export type SuiteId = 1 | 2;
export type UsageId = 1 | 2;
export const tagBytes = 16;

const suites: Readonly<Record<Suite, SuiteId>> = { "aes-256-gcm": 1, "chacha20-poly1305": 2 };
const usages: Readonly<Record<Usage, UsageId>> = { data: 1, kek: 2 };

export function suiteId(suite: Suite | undefined): SuiteId {
  if (suite === undefined) return 1;
  if (!Object.hasOwn(suites, suite)) throw new TypeError('suite must be "aes-256-gcm" or "chacha20-poly1305"');
  return suites[suite];
}

export function suiteName(id: SuiteId): Suite {
  return id === 1 ? "aes-256-gcm" : "chacha20-poly1305";
}

export function usageId(usage: Usage | undefined): UsageId {
  if (usage === undefined) return 1;
  if (!Object.hasOwn(usages, usage)) throw new TypeError('usage must be "data" or "kek"');
  return usages[usage];
}

export function usageName(id: UsageId): Usage {
  return id === 1 ? "data" : "kek";
}

/** ciphertext and tag apart, so that a caller can place them without another copy. */
export function aeadSeal(
  suite: SuiteId,
  key: KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): { ciphertext: Buffer; tag: Buffer } {
  const cipher = createCipheriv(algorithm(suite), key, nonce) as CipherGCM;
  if (aad.length > 0) cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** `sealed` from `start` on is ciphertext || tag, at least 16 bytes, so the tag is never shorter. undefined when the tag does not verify; the plaintext of
 *  a failure is zeroed. */
export function aeadOpen(
  suite: SuiteId,
  key: KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
  start = 0,
): Buffer | undefined {
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv(algorithm(suite), key, nonce) as DecipherGCM;
  decipher.setAuthTag(sealed.subarray(end));
  if (aad.length > 0) decipher.setAAD(aad);
  const plaintext = decipher.update(sealed.subarray(start, end));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

// Node names ChaCha20-Poly1305 ciphers by the same interface; its type declarations want the GCM literal.
function algorithm(suite: SuiteId): "aes-256-gcm" {
  return suiteName(suite) as "aes-256-gcm";
}
