import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { crc32c } from "./crc32c.ts";
import type { Key, Version } from "./key-store.ts";
import { field, lengthDelimitedFields } from "./protobuf-bytes.ts";
import { debugInfo, Refusal } from "./status.ts";

// Laid out as recorded ciphertexts of the service are: a message of two fields. 1: 00, 4 bytes of the key, 32 bytes that are new each time. 2: 00, 4 bytes
// of the version, 12 of iv, then what was encrypted, with a tag of 16. The recorded lengths fit what is encrypted here: a message of the plaintext and its
// checksum. What the service keeps in the 32 bytes is not known; here they derive the key of one ciphertext.

const keyField = 1;
const sealedField = 2;
const ivBytes = 12;
const tagBytes = 16;

export function encrypt(key: Key, version: Version, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const salt = randomBytes(32);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(version, salt), iv).setAAD(aad);
  const sealed = Buffer.concat([
    cipher.update(field(1, plaintext)),
    cipher.update(field(2, crc32c(plaintext))),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return Buffer.concat([
    field(keyField, Buffer.concat([Buffer.of(0), key.id, salt])),
    field(sealedField, Buffer.concat([Buffer.of(0), version.id, iv, sealed])),
  ]);
}

export interface ParsedCiphertext {
  readonly version: Version;
  /** Refuses what was changed, or another aad. */
  open(aad: Uint8Array): Buffer;
}

/** Refuses what this key did not encrypt. */
export function parseCiphertext(key: Key, ciphertext: Uint8Array): ParsedCiphertext {
  const fields = lengthDelimitedFields(ciphertext);
  const head = Buffer.from(fields?.get(keyField) ?? []);
  const sealed = Buffer.from(fields?.get(sealedField) ?? []);
  if (head.length !== 37 || sealed.length < 5 + ivBytes + tagBytes) throw invalid();
  const version = key.versions.find(({ id }) => id.equals(sealed.subarray(1, 5)));
  if (head[0] !== 0 || sealed[0] !== 0 || version === undefined || !key.id.equals(head.subarray(1, 5))) {
    throw new Refusal("INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
  }
  return { version, open: (aad) => open(keyOf(version, head.subarray(5)), sealed.subarray(5), aad) };
}

function open(key: Uint8Array, sealed: Buffer, aad: Uint8Array): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivBytes)).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const inside = decipher.update(sealed.subarray(ivBytes, -tagBytes));
  try {
    return Buffer.from(lengthDelimitedFields(Buffer.concat([inside, decipher.final()]))?.get(1) ?? []);
  } catch {
    throw new Refusal("INVALID_ARGUMENT", "Decryption failed.", [debugInfo(badDecrypt)]);
  }
}

function keyOf(version: Version, salt: Uint8Array): Buffer {
  return createHmac("sha256", version.secret).update(salt).digest();
}

function invalid(): Refusal {
  const detail = debugInfo("client_ciphertext.ParseFromString()");
  return new Refusal("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.", [detail]);
}

/** Recorded, the number after "failed," aside. */
const badDecrypt =
  "INTERNAL: generic::internal: AEAD open failed, 56631074298432:error:1e000065:Cipher functions:OPENSSL_internal:BAD_DECRYPT:third_party/openssl/boringssl/src/crypto/fipsmodule/cipher/e_aes.cc.inc:847: while decrypting ";
