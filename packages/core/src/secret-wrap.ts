import { concat } from "./bytes.ts";
import { derive, keyBytes, label, type Secret, saltBytes } from "./derive.ts";
import { LetterlockError } from "./error.ts";
import type { KekCall } from "./kek.ts";
import { keyAndNonce } from "./message-key.ts";
import { randomSalt } from "./random.ts";
import { aeadOpen, aeadSeal, suiteId, tagBytes } from "./suite.ts";

// SPEC 6.3: W(72) = salt || AEAD-Seal(wkey, wn, A, K), under a secret W that is here.

export const wrappedBytes: number = saltBytes + keyBytes + tagBytes;
const wrapLabel = label("letterlock/1 wrap");

/** W(72) of a data key, under a fresh salt. */
export function wrapWithSecret(
  secret: Secret,
  dataKey: Uint8Array,
  { suite, associatedData }: KekCall,
  salt: Uint8Array = randomSalt(),
): Uint8Array {
  const { key, base } = keyAndNonce(derive(secret, wrapLabel, [salt]));
  const { ciphertext, tag } = aeadSeal(suiteId(suite), key, base, associatedData, dataKey);
  return concat([salt, ciphertext, tag]);
}

/** The data key, the caller's to zero. "not-authentic" for a wrong length, before any other work, and for a wrong tag. */
export function unwrapWithSecret(secret: Secret, wrapped: Uint8Array, { suite, associatedData }: KekCall): Uint8Array {
  requireLength(wrapped, wrappedBytes);
  const { key, base } = keyAndNonce(derive(secret, wrapLabel, [wrapped.subarray(0, saltBytes)]));
  const dataKey = aeadOpen(suiteId(suite), key, base, associatedData, wrapped.subarray(saltBytes));
  if (dataKey === undefined) throw notAuthentic();
  return dataKey;
}

export function requireLength(wrapped: Uint8Array, length: number): void {
  if (wrapped.length !== length) throw notAuthentic();
}

export function notAuthentic(): LetterlockError {
  return new LetterlockError("not-authentic", "the wrapped key does not verify");
}
