import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";

/** What an application writes that needs no envelope: AES-256-GCM, a random nonce, nonce || ciphertext || tag. */
export function bareOneShot(aad: Uint8Array): { seal(plaintext: Uint8Array): Uint8Array; open(sealed: Uint8Array): Uint8Array } {
  const key = createSecretKey(randomBytes(32));
  return {
    seal: (plaintext) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(aad);
      const ciphertext = cipher.update(plaintext);
      const rest = cipher.final();
      return Buffer.concat([nonce, ciphertext, rest, cipher.getAuthTag()]);
    },
    open: (sealed) => {
      const end = sealed.length - 16;
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(end));
      const plaintext = decipher.update(sealed.subarray(12, end));
      return Buffer.concat([plaintext, decipher.final()]);
    },
  };
}
