import { constants, createPublicKey, KeyObject, publicEncrypt } from "node:crypto";
import type { KekWrapper } from "@letterlock/core";
import { checkOptions } from "./check-options.ts";
import { isKeyVersion, keyRefIn } from "./key-url.ts";
import { errorCode } from "./key-vault-error.ts";
import { rsaLengths } from "./wrapping.ts";

/** RFC 7517, or the same with bytes for the numbers, as @azure/keyvault-keys has it. One with a private part is refused. */
export interface RsaPublicJwk {
  readonly kty?: string | undefined;
  readonly n?: string | Uint8Array | undefined;
  readonly e?: string | Uint8Array | undefined;
  readonly d?: unknown;
}

export interface AzurePublicKeyOptions {
  /** RSA of 2048, 3072 or 4096 bits: a public KeyObject, PEM, a JWK, or the `key` of a KeyVaultKey. */
  readonly publicKey: KeyObject | string | RsaPublicJwk;
  /** `https://HOST/keys/NAME`, without a version. */
  readonly keyUrl: string;
  /** Of that key: the version whose public key this is, 32 hex digits. Nothing here can check that; what is sealed for another one does not open. */
  readonly version: string;
}

/** Wraps for a key of Azure Key Vault (RSA-OAEP-256) with its public half: no request, no credential. `azureKeyVault` unwraps it. */
export function azurePublicKey(options: AzurePublicKeyOptions): KekWrapper {
  checkOptions(options, ["publicKey", "keyUrl", "version"]);
  const { publicKey, keyUrl, version } = options;
  const keyRef = keyRefIn(keyUrl);
  if (!isKeyVersion(version)) throw new TypeError("version must be the id of a key version, 32 hex digits");
  const key = rsaPublicKey(publicKey);
  return Object.freeze({
    provider: "azure-key-vault",
    keyRef,
    bindsContext: false,
    authenticatesWrap: false,
    errorCode,
    wrap: async (dataKey: Uint8Array) => ({
      wrapped: publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, dataKey),
      keyVersion: version,
    }),
  } satisfies KekWrapper);
}

function rsaPublicKey(given: AzurePublicKeyOptions["publicKey"]): KeyObject {
  const key = given instanceof KeyObject ? given : parsed(given);
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.type === "public" && key.asymmetricKeyType === "rsa" && rsaLengths.includes(bits / 8)) return key;
  throw new TypeError("publicKey must be a public RSA key of 2048, 3072 or 4096 bits: a KeyObject, PEM or a JWK, without a private part");
}

/** Undefined where it is no public key; createPublicKey would take the public half of a private one. */
function parsed(given: string | RsaPublicJwk): KeyObject | undefined {
  try {
    if (typeof given === "string") return /-----BEGIN (RSA )?PUBLIC KEY-----/.test(given) ? createPublicKey(given) : undefined;
    return given.d === undefined
      ? createPublicKey({ key: { kty: "RSA", n: spelled(given.n), e: spelled(given.e) }, format: "jwk" })
      : undefined;
  } catch {
    return undefined;
  }
}

/** The SDK gives the numbers as bytes. */
function spelled(number: string | Uint8Array | undefined): string {
  return typeof number === "string" ? number : Buffer.from(number ?? []).toString("base64url");
}
