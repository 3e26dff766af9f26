import { Buffer } from "node:buffer";
import type { Wrapped } from "@letterlock/core";
import type { Fields } from "./foreign-fields.ts";
import { VaultError } from "./vault-error.ts";

/**
 * nonce, 32 bytes and tag make 60 bytes (AES-GCM, ChaCha20-Poly1305) or 72 (XChaCha20-Poly1305): base64 of them has no padding, and so one spelling.
 */
const form = /^vault:v([1-9]\d{0,9}):(?:[A-Za-z0-9+/]{80}|[A-Za-z0-9+/]{96})$/;

const ascii = new TextEncoder();

/** The only spelling of a wrapped data key. Vault takes others of the same bytes (v0 and v01 for v1, line breaks, loose base64). */
export function requireCiphertext(wrapped: Uint8Array): string {
  const text = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength).toString("latin1");
  if (versionIn(text) === undefined) throw new VaultError("not-authentic", "this is no data key that vault wrapped");
  return text;
}

/** What encrypt and rewrap answered. */
export function wrappedOf({ ciphertext, key_version: told }: Fields): Wrapped {
  const keyVersion = typeof ciphertext === "string" ? versionIn(ciphertext) : undefined;
  if (keyVersion === undefined || (told !== undefined && String(told) !== keyVersion)) {
    throw new VaultError("provider-error", "vault answered with something else than a wrapped data key");
  }
  return { wrapped: ascii.encode(ciphertext as string), keyVersion };
}

/** What decrypt answered, in a buffer of its own. The text of it stays in the heap until it is collected: JSON leaves no other way. */
export function dataKeyOf({ plaintext }: Fields): Uint8Array {
  if (typeof plaintext !== "string" || plaintext.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plaintext)) {
    throw new VaultError("provider-error", "vault answered with something else than a data key");
  }
  const dataKey = new Uint8Array(new ArrayBuffer(Buffer.byteLength(plaintext, "base64")));
  Buffer.from(dataKey.buffer).write(plaintext, "base64");
  return dataKey;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function versionIn(text: string): string | undefined {
  return form.exec(text)?.[1];
}
