import { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";
import * as fc from "fast-check";
import type { Suite } from "../../src/index.ts";

export const suite: fc.Arbitrary<Suite> = fc.constantFrom("aes-256-gcm", "chacha20-poly1305");

/** Both sides of every place where a segment begins or ends. */
export const boundarySizes: readonly number[] = [
  0, 1, 2, 15, 16, 17, 65_519, 65_520, 65_535, 65_536, 65_537, 65_552, 131_071, 131_072, 131_073,
];

export const size: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(...boundarySizes), fc.nat(300), fc.nat(200_000));

/** `length` bytes that do not repeat; the same ones for the same length. */
export function messageOfSize(length: number): Uint8Array {
  const zeros = Buffer.alloc(length);
  return new Uint8Array(createCipheriv("aes-128-ctr", Buffer.alloc(16, 7), Buffer.alloc(16)).update(zeros));
}

/** Where to cut: lengths of chunks, empty ones too. The rest is the last chunk. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.constantFrom(0, 1, 16, 24, 65_535, 65_536, 65_537, 65_552), fc.nat(1000), fc.nat(150_000)),
  { maxLength: 12 },
);

export function* cutInto(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield bytes.subarray(at, at + length);
    at = Math.min(bytes.length, at + length);
  }
  yield bytes.subarray(at);
}
