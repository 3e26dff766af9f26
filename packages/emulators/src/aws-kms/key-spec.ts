import { validation } from "./aws-kms-error.ts";

/** What a kind of key can do: API reference of CreateKey. */
interface KeySpec {
  readonly usages: readonly string[];
  /** Modulus length of an RSA key. */
  readonly bits?: number;
  /** OpenSSL's name of the curve of an elliptic curve key. */
  readonly curve?: string;
}

const rsaUsages = ["ENCRYPT_DECRYPT", "SIGN_VERIFY"];

const keySpecs: Readonly<Record<string, KeySpec>> = {
  SYMMETRIC_DEFAULT: { usages: ["ENCRYPT_DECRYPT"] },
  RSA_2048: { usages: rsaUsages, bits: 2048 },
  RSA_3072: { usages: rsaUsages, bits: 3072 },
  RSA_4096: { usages: rsaUsages, bits: 4096 },
  ECC_NIST_P256: { usages: ["SIGN_VERIFY", "KEY_AGREEMENT"], curve: "prime256v1" },
  ECC_NIST_P384: { usages: ["SIGN_VERIFY", "KEY_AGREEMENT"], curve: "secp384r1" },
  HMAC_256: { usages: ["GENERATE_VERIFY_MAC"] },
  HMAC_512: { usages: ["GENERATE_VERIFY_MAC"] },
};

export function keySpec(name: string): KeySpec {
  const spec = keySpecs[name];
  if (spec === undefined) {
    throw validation(
      `1 validation error detected: Value '${name}' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [${Object.keys(keySpecs).join(", ")}]`,
    );
  }
  return spec;
}

/** The usage of a new key. Only symmetric encryption keys have a default. */
export function usageOf(spec: string, asked: string | undefined): string {
  const { usages } = keySpec(spec);
  if (asked === undefined && spec !== "SYMMETRIC_DEFAULT") {
    throw validation("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  const usage = asked ?? "ENCRYPT_DECRYPT";
  if (!usages.includes(usage)) throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  return usage;
}

/** What a key can do, as its metadata lists it. */
export function algorithmsOf(spec: string, usage: string): Readonly<Record<string, readonly string[]>> {
  if (usage === "ENCRYPT_DECRYPT") {
    return { EncryptionAlgorithms: spec === "SYMMETRIC_DEFAULT" ? [spec] : ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] };
  }
  if (usage === "GENERATE_VERIFY_MAC") return { MacAlgorithms: [spec.replace("HMAC_", "HMAC_SHA_")] };
  if (usage === "KEY_AGREEMENT") return { KeyAgreementAlgorithms: ["ECDH"] };
  if (spec.startsWith("ECC_")) return { SigningAlgorithms: [spec.endsWith("256") ? "ECDSA_SHA_256" : "ECDSA_SHA_384"] };
  const hashes = ["SHA_256", "SHA_384", "SHA_512"];
  return { SigningAlgorithms: ["RSASSA_PKCS1_V1_5", "RSASSA_PSS"].flatMap((scheme) => hashes.map((hash) => `${scheme}_${hash}`)) };
}
