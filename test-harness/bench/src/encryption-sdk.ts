import { randomBytes } from "node:crypto";
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from "@aws-crypto/client-node";

/**
 * The AWS Encryption SDK for JavaScript as its documentation sets it up for many small messages: caching manager, raw AES keyring, key commitment.
 * Its default suite signs every message with ECDSA, which an envelope of ours does not do, so it is measured without signatures too.
 */
export function encryptionSdk(signatures: "signed" | "unsigned"): {
  seal(plaintext: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
} {
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const backingMaterials = new RawAesKeyringNode({
    keyName: "bench",
    keyNamespace: "letterlock",
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const materials = new NodeCachingMaterialsManager({
    backingMaterials,
    cache: getLocalCryptographicMaterialsCache(100),
    maxAge: 3_600_000,
    maxMessagesEncrypted: 2 ** 31,
    maxBytesEncrypted: Number.MAX_SAFE_INTEGER,
  });
  const encryptionContext = { row: "12345678" };
  const suiteId =
    signatures === "signed"
      ? AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
      : AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  return {
    seal: async (plaintext) =>
      (await encrypt(materials, plaintext, { encryptionContext, suiteId, plaintextLength: plaintext.length })).result,
    open: async (sealed) => (await decrypt(materials, sealed)).plaintext,
  };
}
