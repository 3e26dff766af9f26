import { randomFillSync } from "node:crypto";
import { secretBytes } from "./bytes.ts";
import { keyBytes, saltBytes } from "./derive.ts";

// One randomFillSync of 24 bytes costs about 2 us, a slice of a pool 0.1 us. Salts are public; keys never come from the pool.
const pool = new Uint8Array(saltBytes * 256);
let used = pool.length;

/** Writes a fresh salt into target[offset : offset + 24]. No salt is handed out twice. */
export function writeSalt(target: Uint8Array, offset: number): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  target.set(pool.subarray(used, used + saltBytes), offset);
  used += saltBytes;
}

export function randomSalt(): Uint8Array {
  const salt = new Uint8Array(saltBytes);
  writeSalt(salt, 0);
  return salt;
}

/** 32 bytes in a buffer of its own, the caller's to zero. */
export function randomKey(): Uint8Array {
  return randomFillSync(secretBytes(keyBytes));
}
