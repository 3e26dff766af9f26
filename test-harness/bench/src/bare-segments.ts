import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";

const segmentBytes = 65_536;
const sealedSegmentBytes = segmentBytes + 16;

/** The least that segmented encryption can do: a cipher per segment, an aad, a tag; the output is dropped. */
export function bareSegments(aad: Uint8Array): {
  seal(count: number): void;
  sealed(count: number): Uint8Array;
  open(sealed: Uint8Array): void;
} {
  const key = createSecretKey(randomBytes(32));
  const nonce = randomBytes(12);
  const plaintext = randomBytes(segmentBytes);
  const sealOne = (): [ciphertext: Uint8Array, tag: Uint8Array] => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(aad);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return [ciphertext, cipher.getAuthTag()];
  };
  return {
    seal: (count) => {
      for (let index = 0; index < count; index++) sealOne();
    },
    /** All segments in a row, because opening reads the whole object from memory, not one segment again and again from the cache. */
    sealed: (count) => {
      const one = Buffer.concat(sealOne());
      const all = Buffer.allocUnsafeSlow(count * sealedSegmentBytes);
      for (let index = 0; index < count; index++) all.set(one, index * sealedSegmentBytes);
      return all;
    },
    open: (sealed) => {
      for (let at = 0; at < sealed.length; at += sealedSegmentBytes) {
        const decipher = createDecipheriv("aes-256-gcm", key, nonce);
        decipher.setAuthTag(sealed.subarray(at + segmentBytes, at + sealedSegmentBytes));
        decipher.setAAD(aad);
        decipher.update(sealed.subarray(at, at + segmentBytes));
        decipher.final();
      }
    },
  };
}
