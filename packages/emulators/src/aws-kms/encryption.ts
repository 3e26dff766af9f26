import type { Buffer } from "node:buffer";
import { constants, privateDecrypt, publicEncrypt } from "node:crypto";
import { AwsKmsError, validation } from "./aws-kms-error.ts";
import { materialIdIn, openBlob, sealBlob } from "./ciphertext-blob.ts";
import { contextBytes, type EncryptionContext } from "./encryption-context.ts";
import { type Fields, oneOf } from "./fields.ts";
import { keySpec } from "./key-spec.ts";
import { currentMaterial, type KmsKey, requireUsable, requireUsage } from "./kms-key.ts";
import type { OperationCall } from "./operation.ts";

/** How a request wants to encrypt or decrypt. */
export interface Scheme {
  readonly algorithm: string;
  readonly context: EncryptionContext;
}

const oaepHashes: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  RSAES_OAEP_SHA_1: { name: "sha1", bytes: 20 },
  RSAES_OAEP_SHA_256: { name: "sha256", bytes: 32 },
};

export function algorithm(fields: Fields, name: string): string {
  return oneOf(fields, name, ["SYMMETRIC_DEFAULT", ...Object.keys(oaepHashes)], "SYMMETRIC_DEFAULT");
}

/** The key is enabled, made for encryption, and of the algorithm's kind. */
export function requireScheme(key: KmsKey, operation: string, { algorithm, context }: Scheme): void {
  requireUsable(key);
  requireUsage(key, "ENCRYPT_DECRYPT", operation);
  const { spec } = key.family;
  if ((spec === "SYMMETRIC_DEFAULT") !== (algorithm === "SYMMETRIC_DEFAULT")) {
    throw new AwsKmsError("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with key spec ${spec}.`);
  }
  if (spec !== "SYMMETRIC_DEFAULT" && Object.keys(context).length > 0) {
    throw validation("EncryptionContext is not supported with asymmetric keys.");
  }
}

export function encrypt(
  key: KmsKey,
  plaintext: Buffer,
  { algorithm, context }: Scheme,
): { readonly blob: Buffer; readonly materialId: string | undefined } {
  const { spec, pair } = key.family;
  if (pair === undefined) {
    const material = currentMaterial(key.family);
    return { blob: sealBlob(plaintext, material, contextBytes(context)), materialId: material.id };
  }
  const hash = oaepHashes[algorithm];
  const most = (keySpec(spec).bits ?? 0) / 8 - 2 * (hash?.bytes ?? 0) - 2;
  if (plaintext.length > most) {
    throw validation(`Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${most} bytes.`);
  }
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash?.name };
  return { blob: publicEncrypt({ key: pair.publicKey, ...padding }, plaintext), materialId: undefined };
}

/** What a blob says that it was made with, before anybody asks whether that is allowed. */
export function ownerOfBlob({ service, caller }: OperationCall, blob: Buffer): KmsKey {
  const materialId = materialIdIn(blob);
  const owner = materialId === undefined ? undefined : service.store.ownerOf(materialId, caller);
  if (owner === undefined) throw invalidCiphertext();
  return owner.key;
}

export function decrypt(
  key: KmsKey,
  blob: Buffer,
  { algorithm, context }: Scheme,
): { readonly plaintext: Buffer; readonly materialId: string | undefined } {
  const { pair, materials } = key.family;
  if (pair !== undefined) return { plaintext: decryptRsa(pair.privateKey, blob, algorithm), materialId: undefined };
  const materialId = materialIdIn(blob);
  const material = materials.find(({ id }) => id === materialId);
  const plaintext = material === undefined ? undefined : openBlob(blob, material, contextBytes(context));
  if (plaintext === undefined) throw invalidCiphertext();
  return { plaintext, materialId };
}

function decryptRsa(key: NonNullable<KmsKey["family"]["pair"]>["privateKey"], blob: Buffer, algorithm: string): Buffer {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHashes[algorithm]?.name }, blob);
  } catch {
    throw invalidCiphertext();
  }
}

function invalidCiphertext(): AwsKmsError {
  return new AwsKmsError("InvalidCiphertextException");
}
