// What the emulator serves of google/cloud/kms/v1/service.proto and resources.proto: field types and numbers, as "type number". A test compares every
// line with the descriptors that @google-cloud/kms ships.

/** "repeated " before a type: a list. "map<string,string>": as in proto3. Field names are those of JSON. */
export const messages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  KeyRing: { name: "string 1", createTime: "google.protobuf.Timestamp 2" },
  CryptoKey: {
    name: "string 1",
    primary: "CryptoKeyVersion 2",
    purpose: "CryptoKeyPurpose 3",
    createTime: "google.protobuf.Timestamp 5",
    nextRotationTime: "google.protobuf.Timestamp 7",
    rotationPeriod: "google.protobuf.Duration 8",
    labels: "map<string,string> 10",
    versionTemplate: "CryptoKeyVersionTemplate 11",
    destroyScheduledDuration: "google.protobuf.Duration 14",
  },
  CryptoKeyVersionTemplate: { protectionLevel: "ProtectionLevel 1", algorithm: "CryptoKeyVersionAlgorithm 3" },
  CryptoKeyVersion: {
    name: "string 1",
    state: "CryptoKeyVersionState 3",
    createTime: "google.protobuf.Timestamp 4",
    destroyTime: "google.protobuf.Timestamp 5",
    destroyEventTime: "google.protobuf.Timestamp 6",
    protectionLevel: "ProtectionLevel 7",
    algorithm: "CryptoKeyVersionAlgorithm 10",
    generateTime: "google.protobuf.Timestamp 11",
  },
  PublicKey: {
    pem: "string 1",
    algorithm: "CryptoKeyVersionAlgorithm 2",
    pemCrc32c: "google.protobuf.Int64Value 3",
    name: "string 4",
    protectionLevel: "ProtectionLevel 5",
  },
  ListKeyRingsRequest: { parent: "string 1", pageSize: "int32 2", pageToken: "string 3" },
  ListKeyRingsResponse: { keyRings: "repeated KeyRing 1", nextPageToken: "string 2", totalSize: "int32 3" },
  ListCryptoKeysRequest: { parent: "string 1", pageSize: "int32 2", pageToken: "string 3" },
  ListCryptoKeysResponse: { cryptoKeys: "repeated CryptoKey 1", nextPageToken: "string 2", totalSize: "int32 3" },
  ListCryptoKeyVersionsRequest: { parent: "string 1", pageSize: "int32 2", pageToken: "string 3" },
  ListCryptoKeyVersionsResponse: { cryptoKeyVersions: "repeated CryptoKeyVersion 1", nextPageToken: "string 2", totalSize: "int32 3" },
  GetKeyRingRequest: { name: "string 1" },
  GetCryptoKeyRequest: { name: "string 1" },
  GetCryptoKeyVersionRequest: { name: "string 1" },
  GetPublicKeyRequest: { name: "string 1" },
  CreateKeyRingRequest: { parent: "string 1", keyRingId: "string 2", keyRing: "KeyRing 3" },
  CreateCryptoKeyRequest: { parent: "string 1", cryptoKeyId: "string 2", cryptoKey: "CryptoKey 3", skipInitialVersionCreation: "bool 5" },
  CreateCryptoKeyVersionRequest: { parent: "string 1", cryptoKeyVersion: "CryptoKeyVersion 2" },
  UpdateCryptoKeyRequest: { cryptoKey: "CryptoKey 1", updateMask: "google.protobuf.FieldMask 2" },
  UpdateCryptoKeyVersionRequest: { cryptoKeyVersion: "CryptoKeyVersion 1", updateMask: "google.protobuf.FieldMask 2" },
  UpdateCryptoKeyPrimaryVersionRequest: { name: "string 1", cryptoKeyVersionId: "string 2" },
  DestroyCryptoKeyVersionRequest: { name: "string 1" },
  RestoreCryptoKeyVersionRequest: { name: "string 1" },
  EncryptRequest: {
    name: "string 1",
    plaintext: "bytes 2",
    additionalAuthenticatedData: "bytes 3",
    plaintextCrc32c: "google.protobuf.Int64Value 7",
    additionalAuthenticatedDataCrc32c: "google.protobuf.Int64Value 8",
  },
  EncryptResponse: {
    name: "string 1",
    ciphertext: "bytes 2",
    ciphertextCrc32c: "google.protobuf.Int64Value 4",
    verifiedPlaintextCrc32c: "bool 5",
    verifiedAdditionalAuthenticatedDataCrc32c: "bool 6",
    protectionLevel: "ProtectionLevel 7",
  },
  DecryptRequest: {
    name: "string 1",
    ciphertext: "bytes 2",
    additionalAuthenticatedData: "bytes 3",
    ciphertextCrc32c: "google.protobuf.Int64Value 5",
    additionalAuthenticatedDataCrc32c: "google.protobuf.Int64Value 6",
  },
  DecryptResponse: {
    plaintext: "bytes 1",
    plaintextCrc32c: "google.protobuf.Int64Value 2",
    usedPrimary: "bool 3",
    protectionLevel: "ProtectionLevel 4",
  },
  AsymmetricDecryptRequest: { name: "string 1", ciphertext: "bytes 3", ciphertextCrc32c: "google.protobuf.Int64Value 4" },
  AsymmetricDecryptResponse: {
    plaintext: "bytes 1",
    plaintextCrc32c: "google.protobuf.Int64Value 2",
    verifiedCiphertextCrc32c: "bool 3",
    protectionLevel: "ProtectionLevel 4",
  },
  GenerateRandomBytesRequest: { location: "string 1", lengthBytes: "int32 2", protectionLevel: "ProtectionLevel 3" },
  GenerateRandomBytesResponse: { data: "bytes 1", dataCrc32c: "google.protobuf.Int64Value 3" },
};

export const wellKnown: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Timestamp: { seconds: "int64 1", nanos: "int32 2" },
  Duration: { seconds: "int64 1", nanos: "int32 2" },
  Int64Value: { value: "int64 1" },
  FieldMask: { paths: "repeated string 1" },
};

export const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ProtectionLevel: { PROTECTION_LEVEL_UNSPECIFIED: 0, SOFTWARE: 1, HSM: 2, EXTERNAL: 3, EXTERNAL_VPC: 4, HSM_SINGLE_TENANT: 5 },
  CryptoKeyPurpose: {
    CRYPTO_KEY_PURPOSE_UNSPECIFIED: 0,
    ENCRYPT_DECRYPT: 1,
    ASYMMETRIC_SIGN: 5,
    ASYMMETRIC_DECRYPT: 6,
    RAW_ENCRYPT_DECRYPT: 7,
    MAC: 9,
  },
  CryptoKeyVersionState: {
    CRYPTO_KEY_VERSION_STATE_UNSPECIFIED: 0,
    ENABLED: 1,
    DISABLED: 2,
    DESTROYED: 3,
    DESTROY_SCHEDULED: 4,
    PENDING_GENERATION: 5,
  },
  CryptoKeyVersionAlgorithm: {
    CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED: 0,
    GOOGLE_SYMMETRIC_ENCRYPTION: 1,
    RSA_DECRYPT_OAEP_2048_SHA256: 8,
    RSA_DECRYPT_OAEP_3072_SHA256: 9,
    RSA_DECRYPT_OAEP_4096_SHA256: 10,
    RSA_DECRYPT_OAEP_4096_SHA512: 17,
  },
};

export interface Method {
  readonly request: string;
  readonly response: string;
  /** "*" in it: one component of a resource name; "**": one or more. The braces name the field that the match fills. */
  readonly http: readonly [verb: "GET" | "POST" | "PATCH", template: string];
  /** The field that the body fills; "*" for all. */
  readonly body?: string;
}

const location = "projects/*/locations/*";
const ring = `${location}/keyRings/*`;
const key = `${ring}/cryptoKeys/*`;
const version = `${key}/cryptoKeyVersions/*`;

export const methods: Readonly<Record<string, Method>> = {
  ListKeyRings: { request: "ListKeyRingsRequest", response: "ListKeyRingsResponse", http: ["GET", `/v1/{parent=${location}}/keyRings`] },
  ListCryptoKeys: {
    request: "ListCryptoKeysRequest",
    response: "ListCryptoKeysResponse",
    http: ["GET", `/v1/{parent=${ring}}/cryptoKeys`],
  },
  ListCryptoKeyVersions: {
    request: "ListCryptoKeyVersionsRequest",
    response: "ListCryptoKeyVersionsResponse",
    http: ["GET", `/v1/{parent=${key}}/cryptoKeyVersions`],
  },
  GetKeyRing: { request: "GetKeyRingRequest", response: "KeyRing", http: ["GET", `/v1/{name=${ring}}`] },
  GetCryptoKey: { request: "GetCryptoKeyRequest", response: "CryptoKey", http: ["GET", `/v1/{name=${key}}`] },
  GetCryptoKeyVersion: { request: "GetCryptoKeyVersionRequest", response: "CryptoKeyVersion", http: ["GET", `/v1/{name=${version}}`] },
  GetPublicKey: { request: "GetPublicKeyRequest", response: "PublicKey", http: ["GET", `/v1/{name=${version}}/publicKey`] },
  CreateKeyRing: { ...post("KeyRing", `/v1/{parent=${location}}/keyRings`, "CreateKeyRingRequest"), body: "keyRing" },
  CreateCryptoKey: { ...post("CryptoKey", `/v1/{parent=${ring}}/cryptoKeys`, "CreateCryptoKeyRequest"), body: "cryptoKey" },
  CreateCryptoKeyVersion: {
    ...post("CryptoKeyVersion", `/v1/{parent=${key}}/cryptoKeyVersions`, "CreateCryptoKeyVersionRequest"),
    body: "cryptoKeyVersion",
  },
  UpdateCryptoKey: {
    request: "UpdateCryptoKeyRequest",
    response: "CryptoKey",
    http: ["PATCH", `/v1/{cryptoKey.name=${key}}`],
    body: "cryptoKey",
  },
  UpdateCryptoKeyVersion: {
    request: "UpdateCryptoKeyVersionRequest",
    response: "CryptoKeyVersion",
    http: ["PATCH", `/v1/{cryptoKeyVersion.name=${version}}`],
    body: "cryptoKeyVersion",
  },
  UpdateCryptoKeyPrimaryVersion: post("CryptoKey", `/v1/{name=${key}}:updatePrimaryVersion`, "UpdateCryptoKeyPrimaryVersionRequest"),
  DestroyCryptoKeyVersion: post("CryptoKeyVersion", `/v1/{name=${version}}:destroy`, "DestroyCryptoKeyVersionRequest"),
  RestoreCryptoKeyVersion: post("CryptoKeyVersion", `/v1/{name=${version}}:restore`, "RestoreCryptoKeyVersionRequest"),
  Encrypt: post("EncryptResponse", `/v1/{name=${ring}/cryptoKeys/**}:encrypt`, "EncryptRequest"),
  Decrypt: post("DecryptResponse", `/v1/{name=${key}}:decrypt`, "DecryptRequest"),
  AsymmetricDecrypt: post("AsymmetricDecryptResponse", `/v1/{name=${version}}:asymmetricDecrypt`, "AsymmetricDecryptRequest"),
  GenerateRandomBytes: post("GenerateRandomBytesResponse", `/v1/{location=${location}}:generateRandomBytes`, "GenerateRandomBytesRequest"),
};

function post(response: string, template: string, request: string): Method {
  return { request, response, http: ["POST", template], body: "*" };
}
