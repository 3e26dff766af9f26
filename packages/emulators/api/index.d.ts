import { ChannelCredentials } from "@grpc/grpc-js";
/**
 * throttled, unavailable: the service's own error for it. reset: the connection breaks. timeout: no answer, ever. garbage: an answer that is not of the
 * protocol. wrong-key: the right answer under the name of another key. wrong-length: a value of the answer has one byte less. slow: the right answer, late.
 */
type FaultKind = "throttled" | "unavailable" | "reset" | "timeout" | "garbage" | "wrong-key" | "wrong-length" | "slow";
interface Fault {
  /** The service's own word, in any case ("Decrypt", "unwrapKey"); without it, whatever comes next. */
  readonly operation?: string | undefined;
  /** How many requests; 1 by default, Infinity for all. */
  readonly times?: number | undefined;
  readonly as: FaultKind;
  /** Milliseconds to wait before; 0 by default, 1000 for "slow". */
  readonly afterMs?: number | undefined;
}
/** One request as the service understood it. It holds no plaintext and no key. */
interface ServiceRequest {
  /** The service's own word: "Decrypt", "unwrapKey". */
  readonly operation: string;
  /** The key that the request names, as a keyRef of Letterlock would spell it where there is one; undefined when it names none. */
  readonly key: string | undefined;
  /** Who asks: the access key id, or the token. Undefined when the request is anonymous. */
  readonly credential: string | undefined;
  /** The fault that it met. */
  readonly fault: FaultKind | undefined;
}
/** Where an emulator listens. */
interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined;
  /** An address of the loopback interface; "127.0.0.1" by default. Anything else is a `RangeError` unless `allowRemote` is true. */
  readonly host?: string | undefined;
  /** Also listen where other machines can connect. An emulator keeps no secret from anybody who can. */
  readonly allowRemote?: boolean | undefined;
}
/** A service that runs in this process until it is closed. `await using` closes it too. */
interface Emulator<Admin extends EmulatorAdmin> extends AsyncDisposable {
  /** The URL that the SDK is given, without a slash at its end: "http://127.0.0.1:40123". */
  readonly endpoint: string;
  readonly admin: Admin;
  /** Ends open connections, hung requests too. */
  close(): Promise<void>;
}
/** What every emulator can do on demand. */
interface EmulatorAdmin {
  /** The next `times` requests of an operation end in this way. Faults are taken in the order in which they were asked for. An operation that the service does not have is a `RangeError`. */
  fail(fault: Fault): void;
  /** Takes back the faults that did not happen yet. */
  clearFaults(): void;
  /** What reached the service since the last call, oldest first. */
  takeRequests(): readonly ServiceRequest[];
}
/** One way in which an emulator answers, or is thought to answer, otherwise than the service. */
interface Difference {
  /** "differs": known to be another answer. "unconfirmed": an error shape that no recording of the real service proves. */
  readonly kind: "differs" | "unconfirmed";
  readonly what: string;
}
/** What is refused on demand, beside what key policies say. What a rule does not name, it refuses for all. */
interface AwsKmsDenial {
  /** An access key id. */
  readonly credential?: string | undefined;
  /** The service's own word, in any case: "Decrypt". */
  readonly operation?: string | undefined;
  /** A key ARN. */
  readonly key?: string | undefined;
}
interface NewAwsKmsKey {
  /** "us-east-1" by default. */
  readonly region?: string | undefined;
  /** The service's own word: "SYMMETRIC_DEFAULT" by default, "RSA_2048". */
  readonly spec?: string | undefined;
  readonly multiRegion?: boolean | undefined;
  /** "alias/orders" */
  readonly alias?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}
/** Does at once, and whatever the key policies say, what an operator of the service would ask it for. Keys are named by their ARN; one that does not exist is a `RangeError`. */
interface AwsKmsAdmin extends EmulatorAdmin {
  /** A key for encryption. Returns its ARN. */
  createKey(key?: NewAwsKmsKey): Promise<string>;
  /** A replica of a multi-Region key. Returns its ARN. */
  replicateKey(keyArn: string, region: string): string;
  /** New key material, as the yearly rotation makes it: the limit of rotations on demand does not count it. */
  rotateKey(keyArn: string): void;
  disableKey(keyArn: string): void;
  enableKey(keyArn: string): void;
  /** As at the end of its waiting period: the key and its aliases are gone. */
  deleteKey(keyArn: string): void;
  /** From now on AccessDeniedException. What the rule does not name is refused for all; an operation that does not exist is a `RangeError`. */
  deny(rule: AwsKmsDenial): void;
  /** Takes back every `deny`. Key policies stay as they are. */
  allowAll(): void;
}
/** Where `startAwsKms` answers otherwise than AWS KMS, or may do so. What is not listed was recorded from the service or is in its API reference. */
declare const awsKmsDifferences: readonly Difference[];
interface AwsKmsOptions extends EmulatorOptions {
  /** The account that all keys and all callers are of: 12 digits, "111122223333" by default. */
  readonly account?: string | undefined;
  /** How long a new grant works only for requests that carry its token, in milliseconds; 0 by default. The service says up to 5 minutes. */
  readonly grantDelayMs?: number | undefined;
}
/**
 * AWS KMS on this machine, for any SDK: give it `endpoint`, any region and any credentials. One server is every region, told apart by what the
 * signature names; the signature itself is not checked, and the access key id is who asks. Keys are gone when it is closed.
 */
declare function startAwsKms(options?: AwsKmsOptions): Promise<Emulator<AwsKmsAdmin>>;
/** Every operation that a request can have: what faults, denials and the request log speak of. */
declare const azureKeyVaultOperations: readonly ["challenge", "token", "openIdConfiguration", "create", "import", "get", "list", "listVersions", "update", "rotate", "getRotationPolicy", "updateRotationPolicy", "delete", "getDeleted", "listDeleted", "recover", "purge", "wrapKey", "unwrapKey", "encrypt", "decrypt", "unknown"];
type AzureKeyVaultOperation = (typeof azureKeyVaultOperations)[number];
/** What a denial is about; a part that is left out stands for all. */
interface AzureDenial {
  /** The bearer token, or the client id where the token came from the emulator's token endpoint. */
  readonly credential?: string | undefined;
  readonly operation?: AzureKeyVaultOperation | undefined;
  readonly key?: string | undefined;
}
type AzureKeyType = "RSA" | "RSA-HSM" | "oct-HSM";
interface AzureKeyVaultOptions extends EmulatorOptions {
  /** A Managed HSM, which also has symmetric keys (oct-HSM). */
  readonly managedHsm?: boolean | undefined;
  /** false: plain HTTP, which the JavaScript SDK refuses. */
  readonly tls?: boolean | undefined;
}
/**
 * Clients trust `certificate` (`tlsOptions: { ca }`, or a file that NODE_EXTRA_CA_CERTS names), and are told not to compare the host with the
 * challenge (`disableChallengeResourceVerification: true`).
 */
interface AzureKeyVaultEmulator extends Emulator<AzureKeyVaultAdmin> {
  /** PEM; "" without TLS. Made for this emulator, for localhost, 127.0.0.1 and ::1. */
  readonly certificate: string;
  /** The tenant of the challenge. A credential of @azure/identity must be of this tenant, its authority host is `endpoint`. */
  readonly tenantId: string;
}
interface AzureKeyVaultAdmin extends EmulatorAdmin {
  /** Returns the keyRef: the vault URL, "/keys/" and the name. RSA of 2048 bits and a random name by default. */
  createKey(options?: AzureKeyOptions): Promise<string>;
  /** Returns the id of the new version. Older versions stay. */
  rotateKey(keyRef: string): Promise<string>;
  /** Every version, or one. */
  disableKey(keyRef: string, version?: string): void;
  enableKey(keyRef: string, version?: string): void;
  /** The key can be recovered and its name is taken until it is purged. */
  deleteKey(keyRef: string): void;
  /** 403 from now on, for requests that match every given part. The token endpoint denies only where the operation is "token". */
  deny(denial: AzureDenial): void;
  /** 401 from now on, for this token or client id. */
  expire(credential: string): void;
  /** Takes back every denial and expiry. */
  allowAll(): void;
}
interface AzureKeyOptions {
  readonly name?: string | undefined;
  readonly type?: AzureKeyType | undefined;
  /** 2048, 3072 or 4096 for RSA; 256, 192 or 128 for oct-HSM. */
  readonly bits?: number | undefined;
  /** "wrapKey", "unwrapKey", "encrypt", "decrypt"; all by default. */
  readonly operations?: readonly string[] | undefined;
}
/** Azure Key Vault, or a Managed HSM, in this process. */
declare function startAzureKeyVault(options?: AzureKeyVaultOptions): Promise<AzureKeyVaultEmulator>;
/** How the emulator answers otherwise than Azure Key Vault or Managed HSM, as far as is known. */
declare const azureKeyVaultDifferences: readonly Difference[];
/**
 * What happens between the client and the service. answer: a bit of the value that comes back is flipped. answer-checksum: its checksum is lost.
 * request: a bit of the value that is sent is flipped. request-checksum: the checksums that are sent are lost.
 */
type Damage = "answer" | "answer-checksum" | "request" | "request-checksum";
type Purpose = "ENCRYPT_DECRYPT" | "ASYMMETRIC_DECRYPT";
type Protection = "SOFTWARE" | "HSM";
/** Who may not do what; what is left out means any. */
interface Denial {
  /** The bearer token of the request. */
  readonly credential?: string | undefined;
  /** "Encrypt", in any case. */
  readonly operation?: string | undefined;
  /** ".../cryptoKeys/NAME" */
  readonly key?: string | undefined;
}
/** google.protobuf.Int64Value as it is decoded: the number as text. */
type Checksum = {
  readonly value: string;
} | null | undefined;
interface CryptoRequests {
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
  GetPublicKey: {
    readonly name: string;
  };
  AsymmetricDecrypt: {
    readonly name: string;
    readonly ciphertext: Buffer;
    readonly ciphertextCrc32c: Checksum;
  };
  GenerateRandomBytes: {
    readonly location: string;
    readonly lengthBytes: number;
    readonly protectionLevel: string;
  };
}
interface PageRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
}
/** google.protobuf.Timestamp and google.protobuf.Duration as they are decoded. */
interface Moment {
  readonly seconds: string;
  readonly nanos: number;
}
interface CryptoKeyInput {
  readonly name: string;
  readonly purpose: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rotationPeriod?: Moment | null;
  readonly nextRotationTime: Moment | null;
  readonly versionTemplate: {
    readonly protectionLevel: string;
    readonly algorithm: string;
  } | null;
  readonly destroyScheduledDuration: Moment | null;
}
interface Mask {
  readonly paths: readonly string[];
}
interface KeyRequests {
  ListKeyRings: PageRequest;
  ListCryptoKeys: PageRequest;
  ListCryptoKeyVersions: PageRequest;
  GetKeyRing: {
    readonly name: string;
  };
  GetCryptoKey: {
    readonly name: string;
  };
  GetCryptoKeyVersion: {
    readonly name: string;
  };
  CreateKeyRing: {
    readonly parent: string;
    readonly keyRingId: string;
  };
  CreateCryptoKey: {
    readonly parent: string;
    readonly cryptoKeyId: string;
    readonly cryptoKey: CryptoKeyInput | null;
    readonly skipInitialVersionCreation: boolean;
  };
  CreateCryptoKeyVersion: {
    readonly parent: string;
  };
  UpdateCryptoKey: {
    readonly cryptoKey: CryptoKeyInput | null;
    readonly updateMask: Mask | null;
  };
  UpdateCryptoKeyVersion: {
    readonly cryptoKeyVersion: {
      readonly name: string;
      readonly state: string;
    } | null;
    readonly updateMask: Mask | null;
  };
  UpdateCryptoKeyPrimaryVersion: {
    readonly name: string;
    readonly cryptoKeyVersionId: string;
  };
  DestroyCryptoKeyVersion: {
    readonly name: string;
  };
  RestoreCryptoKeyVersion: {
    readonly name: string;
  };
}
type Requests = KeyRequests & CryptoRequests;
type Operation = keyof Requests;
interface GcpKmsKeyOptions {
  /** "projects/P/locations/L/keyRings/R/cryptoKeys/K"; a ring that is missing is made. Default: a new name in one ring of the emulator. */
  readonly name?: string | undefined;
  /** Default "ENCRYPT_DECRYPT". */
  readonly purpose?: Purpose | undefined;
  /** Default "SOFTWARE". "HSM" changes the limits and what the answers say, nothing else. */
  readonly protectionLevel?: Protection | undefined;
}
interface GcpKmsAdmin extends EmulatorAdmin {
  /** A key with one enabled version; its name, which is the keyRef. */
  createKey(options?: GcpKmsKeyOptions): string;
  /** A new version, and makes it the primary one at once; its number. */
  rotateKey(key: string): string;
  /** One version, or all that are not destroyed. */
  disableKey(key: string, version?: string): void;
  enableKey(key: string, version?: string): void;
  /** Destroys all versions at once, without the wait that the service has. */
  destroyKey(key: string): void;
  deny(denial: Denial): void;
  /** Takes back every denial. */
  allowAll(): void;
  /** The next request of an operation, or its answer, is damaged on the way; "answer" by default. */
  corruptNext(operation: Operation, where?: Damage): void;
  /** Every throttled answer asks to wait so long (RetryInfo); undefined, the default: it does not say. */
  askToWait(ms: number | undefined): void;
  /** The operations of the gRPC calls that their client cancelled, or whose deadline passed, before they were answered. */
  takeCancelled(): readonly string[];
}
/** Recorded from the service, through the recordings of gocloud.dev or error texts that users of the service published: everything that is not listed here. */
declare const gcpKmsDifferences: readonly Difference[];
interface GcpKmsOptions extends EmulatorOptions {
  /** Where REST is served; 0, the default, takes a free port. `port` is where gRPC is. */
  readonly restPort?: number | undefined;
}
interface GcpKmsEmulator extends Emulator<GcpKmsAdmin> {
  /** Where gRPC is served, without TLS, as Google's clients take it: "127.0.0.1:40123". */
  readonly endpoint: string;
  /**
   * What `new KeyManagementServiceClient()` is given to use gRPC: the address, no TLS, no credentials, and no search for the metadata server of a
   * Google machine. `sslCreds` is an object of @grpc/grpc-js, and the client takes it only where both use the same installation.
   */
  readonly clientOptions: {
    readonly apiEndpoint: string;
    readonly port: number;
    readonly sslCreds: ChannelCredentials;
    readonly universeDomain: "googleapis.com";
  };
  /** Where REST is served: "http://127.0.0.1:40124". The same keys, faults and log. */
  readonly restEndpoint: string;
}
/** Cloud KMS, API v1, over gRPC and REST. Neither speaks TLS, which the clients of Google must be told: `clientOptions` tells the one for Node. */
declare function startGcpKms(options?: GcpKmsOptions): Promise<GcpKmsEmulator>;
/** Requests to refuse as a policy would. What is undefined matches everything. */
interface VaultDenial {
  /** The token. */
  readonly credential?: string | undefined;
  /** The service's own word: "decrypt". */
  readonly operation?: string | undefined;
  /** As the request log spells it: "transit/app". */
  readonly key?: string | undefined;
}
interface NewVaultKey {
  /** Random by default. */
  readonly name?: string | undefined;
  /** Made when it is not there; "transit" by default. */
  readonly mount?: string | undefined;
  /** As Transit names it; "aes256-gcm96" by default. */
  readonly type?: string | undefined;
  readonly derived?: boolean | undefined;
  readonly convergent?: boolean | undefined;
  readonly exportable?: boolean | undefined;
  /** Made when it is not there; the root namespace by default. */
  readonly namespace?: string | undefined;
}
interface NewVaultToken {
  /** Names of policies; "default" is added. */
  readonly policies: readonly string[];
  /** 32 days by default. */
  readonly ttlMs?: number | undefined;
  readonly numUses?: number | undefined;
  readonly namespace?: string | undefined;
}
/** Does at once, and whatever the policies say, what an operator would ask the server for. Keys are named by mount and name, "transit/app"; one that does not exist is a `RangeError`. */
interface VaultTransitAdmin extends EmulatorAdmin {
  /** Returns its ref: mount, "/" and name. */
  createKey(key?: NewVaultKey): string;
  rotateKey(keyRef: string, namespace?: string): void;
  /** Soft-deleted, which is how OpenBao disables a key. */
  disableKey(keyRef: string, namespace?: string): void;
  enableKey(keyRef: string, namespace?: string): void;
  deleteKey(keyRef: string, namespace?: string): void;
  /** HCL or JSON. A policy that cannot be read is a `RangeError`. */
  putPolicy(name: string, text: string, namespace?: string): void;
  /** Returns the token. */
  createToken(token: NewVaultToken): string;
  revokeToken(token: string): void;
  /** From now on 403 for requests that match every given part; an operation that does not exist is a `RangeError`. */
  deny(denial: VaultDenial): void;
  /** Takes back every `deny`. Policies stay as they are. */
  allowAll(): void;
  /** Puts the clock that tokens, secret ids and rotation periods are measured by forward. */
  advanceMs(ms: number): void;
  seal(): void;
  unseal(): void;
  /** What `sys/unseal` wants. */
  readonly unsealKey: string;
}
/** In which ways this emulator is known, or suspected, to answer otherwise than OpenBao 2.7 and HashiCorp Vault. */
declare const vaultTransitDifferences: readonly Difference[];
interface VaultTransitOptions extends EmulatorOptions {
  /** The token that may do everything; "root" by default. */
  readonly rootToken?: string | undefined;
  /** true: HTTPS with a throw-away certificate. */
  readonly tls?: boolean | undefined;
}
interface VaultTransitEmulator extends Emulator<VaultTransitAdmin> {
  /** May do everything, in every namespace. */
  readonly rootToken: string;
  /** PEM, for clients to trust; "" without TLS. Made for this emulator, for localhost, 127.0.0.1 and ::1. */
  readonly certificate: string;
}
/** A Vault in this process, unsealed, with a Transit engine mounted at "transit". It answers as OpenBao 2.7 does. */
declare function startVaultTransit(options?: VaultTransitOptions): Promise<VaultTransitEmulator>;
export { type AwsKmsAdmin, type AwsKmsDenial, type AwsKmsOptions, type AzureDenial, type AzureKeyOptions, type AzureKeyType, type AzureKeyVaultAdmin, type AzureKeyVaultEmulator, type AzureKeyVaultOperation, type AzureKeyVaultOptions, type Difference, type Emulator, type EmulatorAdmin, type EmulatorOptions, type Fault, type FaultKind, type GcpKmsAdmin, type GcpKmsEmulator, type GcpKmsKeyOptions, type GcpKmsOptions, type NewAwsKmsKey, type NewVaultKey, type NewVaultToken, type ServiceRequest, type VaultDenial, type VaultTransitAdmin, type VaultTransitEmulator, type VaultTransitOptions, awsKmsDifferences, azureKeyVaultDifferences, gcpKmsDifferences, startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit, vaultTransitDifferences };
