import { KeyClient } from "@azure/keyvault-keys";
import { Kek, KekErrorCode, KekWrapper } from "@letterlock/core";
import { KeyObject } from "node:crypto";
/** RSA-OAEP-256: RSA keys of a vault or a Managed HSM. The others: symmetric keys of 256 bits (oct-HSM), of a Managed HSM. */
type AzureKeyVaultAlgorithm = "RSA-OAEP-256" | "A256GCM" | "A256KW";
interface AzureKeyVaultOptions {
  /** Of one vault or Managed HSM, with your credential, retries and time limits. It is used for nothing but this key. */
  readonly client: Pick<KeyClient, "vaultUrl" | "getCryptographyClient" | "getKey">;
  /** The name alone. Versions are recorded in what is sealed. */
  readonly keyName: string;
  /** "RSA-OAEP-256" by default. It belongs to the key for good: what one algorithm wrapped, no other unwraps. */
  readonly algorithm?: AzureKeyVaultAlgorithm | undefined;
}
/**
 * A key of Azure Key Vault or of a Managed HSM. It wraps under the latest version, records which one that was, and unwraps with the recorded one, whatever
 * is the latest by then. Each wrap and each unwrap is one request, and needs no permission but its own; `currentVersion` needs `keys/get`.
 */
declare function azureKeyVault(options: AzureKeyVaultOptions): Kek;
/** RFC 7517, or the same with bytes for the numbers, as @azure/keyvault-keys has it. One with a private part is refused. */
interface RsaPublicJwk {
  readonly kty?: string | undefined;
  readonly n?: string | Uint8Array | undefined;
  readonly e?: string | Uint8Array | undefined;
  readonly d?: unknown;
}
interface AzurePublicKeyOptions {
  /** RSA of 2048, 3072 or 4096 bits: a public KeyObject, PEM, a JWK, or the `key` of a KeyVaultKey. */
  readonly publicKey: KeyObject | string | RsaPublicJwk;
  /** `https://HOST/keys/NAME`, without a version. */
  readonly keyUrl: string;
  /** Of that key: the version whose public key this is, 32 hex digits. Nothing here can check that; what is sealed for another one does not open. */
  readonly version: string;
}
/** Wraps for a key of Azure Key Vault (RSA-OAEP-256) with its public half: no request, no credential. `azureKeyVault` unwraps it. */
declare function azurePublicKey(options: AzurePublicKeyOptions): KekWrapper;
/** What the KEKs of this package throw: facts of a failure, and nothing of the request or of the answer. */
interface KeyVaultError extends Error {
  readonly name: "KeyVaultError";
  readonly meaning: KekErrorCode;
  /** Of the operating system, of TLS or of the service: "ECONNREFUSED", "Forbidden". */
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly statusCode: number | undefined;
  /** For Microsoft's support. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}
export { type AzureKeyVaultAlgorithm, type AzureKeyVaultOptions, type AzurePublicKeyOptions, type KeyVaultError, type RsaPublicJwk, azureKeyVault, azurePublicKey };
