import { constants, privateDecrypt, randomBytes } from "node:crypto";
import { type Checksum, checksumOf, verified } from "./checksum.ts";
import { encrypt, parseCiphertext } from "./ciphertext.ts";
import type { Key, KeyStore, Purpose, Version } from "./key-store.ts";
import { requireKey, requireKeyOrVersion, requireLocation, requireVersion } from "./resource-name.ts";
import { preconditionFailure, Refusal } from "./status.ts";

export interface CryptoRequests {
  Encrypt: {
    readonly name: string;
    readonly plaintext: Buffer;
    readonly additionalAuthenticatedData: Buffer;
    readonly plaintextCrc32c: Checksum;
    readonly additionalAuthenticatedDataCrc32c: Checksum;
  };
  Decrypt: {
    readonly name: string;
    readonly ciphertext: Buffer;
    readonly additionalAuthenticatedData: Buffer;
    readonly ciphertextCrc32c: Checksum;
    readonly additionalAuthenticatedDataCrc32c: Checksum;
  };
  GetPublicKey: { readonly name: string };
  AsymmetricDecrypt: { readonly name: string; readonly ciphertext: Buffer; readonly ciphertextCrc32c: Checksum };
  GenerateRandomBytes: { readonly location: string; readonly lengthBytes: number; readonly protectionLevel: string };
}

/** EncryptRequest: 64 KiB of plaintext and of AAD each for SOFTWARE, 8 KiB of both together for HSM. */
const mostSoftwareBytes = 64 * 1024;
const mostHsmBytes = 8 * 1024;

export function cryptoOperations(store: KeyStore): { readonly [O in keyof CryptoRequests]: (request: CryptoRequests[O]) => object } {
  return {
    Encrypt({ name, plaintext, additionalAuthenticatedData, plaintextCrc32c, additionalAuthenticatedDataCrc32c }) {
      const named = requireKeyOrVersion(name);
      const key = requirePurpose(store.key(named.key), "ENCRYPT_DECRYPT");
      const verifiedPlaintextCrc32c = verified("plaintext", plaintext, plaintextCrc32c);
      const verifiedAdditionalAuthenticatedDataCrc32c = verifiedAad(additionalAuthenticatedData, additionalAuthenticatedDataCrc32c);
      const version = requireEnabled(named.version === undefined ? primaryOf(key) : store.version(key, named.version));
      requireSizes(version, plaintext, additionalAuthenticatedData);
      const ciphertext = encrypt(key, version, plaintext, additionalAuthenticatedData);
      return {
        name: version.name,
        ciphertext,
        ciphertextCrc32c: checksumOf(ciphertext),
        verifiedPlaintextCrc32c,
        verifiedAdditionalAuthenticatedDataCrc32c,
        protectionLevel: version.protectionLevel,
      };
    },

    Decrypt({ name, ciphertext, additionalAuthenticatedData, ciphertextCrc32c, additionalAuthenticatedDataCrc32c }) {
      const key = requirePurpose(store.key(requireKey(name)), "ENCRYPT_DECRYPT");
      verified("ciphertext", ciphertext, ciphertextCrc32c);
      verifiedAad(additionalAuthenticatedData, additionalAuthenticatedDataCrc32c);
      const { version, open } = parseCiphertext(key, ciphertext);
      requireEnabled(version);
      const plaintext = open(additionalAuthenticatedData);
      return {
        plaintext,
        plaintextCrc32c: checksumOf(plaintext),
        usedPrimary: key.primary === version,
        protectionLevel: version.protectionLevel,
      };
    },

    GetPublicKey({ name }) {
      const { version, keyPair } = asymmetric(store, name);
      const pem = keyPair.publicKey.export({ type: "spki", format: "pem" }).toString();
      const { algorithm, protectionLevel } = version;
      return { pem, algorithm, pemCrc32c: checksumOf(Buffer.from(pem)), name: version.name, protectionLevel };
    },

    AsymmetricDecrypt({ name, ciphertext, ciphertextCrc32c }) {
      const { version, keyPair } = asymmetric(store, name);
      const verifiedCiphertextCrc32c = verified("ciphertext", ciphertext, ciphertextCrc32c);
      const oaepHash = version.algorithm.endsWith("SHA512") ? "sha512" : "sha256";
      const plaintext = decryptOaep(keyPair.privateKey, oaepHash, ciphertext);
      return { plaintext, plaintextCrc32c: checksumOf(plaintext), verifiedCiphertextCrc32c, protectionLevel: version.protectionLevel };
    },

    GenerateRandomBytes({ location, lengthBytes, protectionLevel }) {
      requireLocation(location);
      if (protectionLevel !== "HSM") throw new Refusal("INVALID_ARGUMENT", "The protection level must be HSM.");
      if (lengthBytes < 8 || lengthBytes > 1024) throw new Refusal("INVALID_ARGUMENT", "The length must be 8 to 1024 bytes.");
      const data = randomBytes(lengthBytes);
      return { data, dataCrc32c: checksumOf(data) };
    },
  };
}

function verifiedAad(bytes: Uint8Array, checksum: Checksum): boolean {
  return verified("additional_authenticated_data", bytes, checksum);
}

function requirePurpose(key: Key, purpose: Purpose): Key {
  if (key.purpose === purpose) return key;
  throw new Refusal("FAILED_PRECONDITION", `${key.name} has purpose ${key.purpose}, which this operation cannot use.`);
}

function primaryOf(key: Key): Version {
  if (key.primary === undefined) throw new Refusal("FAILED_PRECONDITION", `${key.name} has no primary version.`);
  return key.primary;
}

function requireEnabled(version: Version): Version {
  const { name, state } = version;
  if (state === "ENABLED") return version;
  const type = state === "DISABLED" ? "KEY_DISABLED" : "KEY_DESTROYED";
  throw new Refusal("FAILED_PRECONDITION", `${name} is not enabled, current state is: ${state}.`, [preconditionFailure(type, name)]);
}

function requireSizes({ protectionLevel }: Version, plaintext: Uint8Array, aad: Uint8Array): void {
  if (protectionLevel === "HSM") {
    if (plaintext.length + aad.length <= mostHsmBytes) return;
    throw new Refusal("INVALID_ARGUMENT", "The plaintext and the additional_authenticated_data must be no larger than 8KiB combined.");
  }
  if (plaintext.length > mostSoftwareBytes) throw new Refusal("INVALID_ARGUMENT", "The plaintext must be no larger than 64KiB.");
  if (aad.length > mostSoftwareBytes) {
    throw new Refusal("INVALID_ARGUMENT", "The additional_authenticated_data must be no larger than 64KiB.");
  }
}

function asymmetric(store: KeyStore, name: string): { readonly version: Version; readonly keyPair: NonNullable<Version["keyPair"]> } {
  const named = requireVersion(name);
  const key = requirePurpose(store.key(named.key), "ASYMMETRIC_DECRYPT");
  const version = requireEnabled(store.version(key, named.version));
  if (version.keyPair === undefined) throw new Refusal("FAILED_PRECONDITION", `${version.name} has no key pair.`);
  return { version, keyPair: version.keyPair };
}

function decryptOaep(key: NonNullable<Version["keyPair"]>["privateKey"], oaepHash: string, ciphertext: Uint8Array): Buffer {
  try {
    return privateDecrypt({ key, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING }, ciphertext);
  } catch {
    throw new Refusal("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
  }
}
