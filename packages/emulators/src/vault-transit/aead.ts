import { type CipherGCMTypes, createCipheriv, createDecipheriv } from "node:crypto";
import { hChaCha20 } from "./xchacha20.ts";

export const tagBytes = 16;

export function nonceBytes(type: string): number {
  return type === "xchacha20-poly1305" ? 24 : 12;
}

/** nonce || ciphertext || tag */
export function sealAead(
  type: string,
  secret: Buffer,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array | undefined,
): Buffer {
  const { algorithm, key, iv } = parameters(type, secret, nonce);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  if (associatedData !== undefined) cipher.setAAD(associatedData);
  const body = Buffer.concat([nonce, cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([body, cipher.getAuthTag()]);
}

/** Undefined where the tag does not fit. `raw` holds a nonce and a tag at least. */
export function openAead(type: string, secret: Buffer, raw: Buffer, associatedData: Uint8Array | undefined): Buffer | undefined {
  const length = nonceBytes(type);
  const { algorithm, key, iv } = parameters(type, secret, raw.subarray(0, length));
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  if (associatedData !== undefined) decipher.setAAD(associatedData);
  decipher.setAuthTag(raw.subarray(-tagBytes));
  const plaintext = decipher.update(raw.subarray(length, -tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}

function parameters(type: string, secret: Buffer, nonce: Uint8Array): { algorithm: CipherGCMTypes; key: Buffer; iv: Uint8Array } {
  if (type === "xchacha20-poly1305") {
    const iv = Buffer.concat([new Uint8Array(4), nonce.subarray(16)]);
    return { algorithm: chaCha20, key: hChaCha20(secret, nonce.subarray(0, 16)), iv };
  }
  if (type === "chacha20-poly1305") return { algorithm: chaCha20, key: secret, iv: nonce };
  return { algorithm: secret.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key: secret, iv: nonce };
}

/** Node declares its AAD functions for the GCM modes; they are the same for this one. */
const chaCha20 = "chacha20-poly1305" as CipherGCMTypes;
