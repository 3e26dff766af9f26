import { constants, createCipheriv, createDecipheriv, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { type KeyVersion, seconds } from "./key-version.ts";
import { badParameter, incorrectParameter, keyDisabled, keyExpired, keyNotYetValid, operationForbidden } from "./refusal.ts";

export type KeyOperation = "wrapKey" | "unwrapKey" | "encrypt" | "decrypt";

/** The values of a request and of its answer; bytes that the answer spells in base64url. */
export interface OperationValues {
  readonly value: Buffer;
  readonly iv?: Buffer | undefined;
  readonly aad?: Buffer | undefined;
  readonly tag?: Buffer | undefined;
}

const oaepHashes: Readonly<Record<string, string>> = { "RSA-OAEP": "sha1", "RSA-OAEP-256": "sha256" };
const ivBytes = 12;
const tagBytes = 16;

export function runOperation(version: KeyVersion, operation: KeyOperation, algorithm: string, values: OperationValues): OperationValues {
  permit(version, operation);
  const opens = operation === "unwrapKey" || operation === "decrypt";
  if ("rsa" in version.material) return { value: rsa(version.material.rsa, opens, algorithm, values.value) };
  const key = version.material.oct;
  if (algorithm === `A${version.bits}GCM` && (operation === "encrypt" || operation === "decrypt")) return gcm(key, opens, values);
  if (algorithm === `A${version.bits}KW` && (operation === "wrapKey" || operation === "unwrapKey"))
    return { value: keyWrap(key, opens, values.value) };
  throw unsupported();
}

/** A disabled RSA version still encrypts and wraps, which needs the public half only; dates stop exactly what makes new ciphertext. */
function permit({ attributes, operations, type }: KeyVersion, operation: KeyOperation): void {
  const opens = operation === "unwrapKey" || operation === "decrypt";
  if (!operations.includes(operation)) throw operationForbidden(operation);
  if (!attributes.enabled && (opens || type === "oct-HSM")) throw keyDisabled(operation);
  if (opens) return;
  if (attributes.expires !== undefined && attributes.expires <= seconds()) throw keyExpired(operation);
  if (attributes.notBefore !== undefined && attributes.notBefore > seconds()) throw keyNotYetValid(operation);
}

function rsa(key: KeyObject, opens: boolean, algorithm: string, value: Buffer): Buffer {
  const oaepHash = oaepHashes[algorithm];
  if (oaepHash === undefined) throw unsupported();
  const options = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
  return attempt(() => (opens ? privateDecrypt(options, value) : publicEncrypt(options, value)));
}

function gcm(key: Buffer, opens: boolean, { value, iv, aad, tag }: OperationValues): OperationValues {
  const name = `aes-${key.length * 8}-gcm` as "aes-256-gcm";
  if (!opens) {
    const fresh = randomBytes(ivBytes);
    const cipher = createCipheriv(name, key, fresh);
    if (aad !== undefined) cipher.setAAD(aad);
    const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
    return { value: sealed, iv: fresh, tag: cipher.getAuthTag(), aad };
  }
  if (iv?.length !== ivBytes || tag?.length !== tagBytes) throw incorrectParameter();
  const decipher = createDecipheriv(name, key, iv, { authTagLength: tagBytes }).setAuthTag(tag);
  if (aad !== undefined) decipher.setAAD(aad);
  return attempt(() => ({ value: Buffer.concat([decipher.update(value), decipher.final()]) }));
}

/** RFC 3394 with its default initial value. */
function keyWrap(key: Buffer, opens: boolean, value: Buffer): Buffer {
  const name = `id-aes${key.length * 8}-wrap`;
  const initial = Buffer.alloc(8, 0xa6);
  return attempt(() => {
    const cipher = opens ? createDecipheriv(name, key, initial) : createCipheriv(name, key, initial);
    return Buffer.concat([cipher.update(value), cipher.final()]);
  });
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch {
    throw incorrectParameter();
  }
}

function unsupported(): Error {
  return badParameter("Key and encryption algorithm combination is not supported");
}
