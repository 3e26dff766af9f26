import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Jwk } from "./jwk.ts";
import { badParameter } from "./refusal.ts";

export type AzureKeyType = "RSA" | "RSA-HSM" | "oct-HSM";

export interface KeyVersion {
  /** 32 lower-case hex digits. */
  readonly id: string;
  readonly type: AzureKeyType;
  readonly bits: number;
  readonly material: { readonly rsa: KeyObject } | { readonly oct: Buffer };
  readonly created: number;
  operations: readonly string[];
  attributes: KeyAttributes;
  tags: Readonly<Record<string, string>> | undefined;
  updated: number;
}

/** Times are seconds since 1970, as on the wire. */
export interface KeyAttributes {
  readonly enabled: boolean;
  readonly notBefore: number | undefined;
  readonly expires: number | undefined;
}

export interface KeyParameters {
  readonly type: AzureKeyType;
  readonly bits: number | undefined;
  readonly operations: readonly string[] | undefined;
  readonly attributes: KeyAttributes;
  readonly tags: Readonly<Record<string, string>> | undefined;
}

const generate = promisify(generateKeyPair);
const keySizes: Readonly<Record<AzureKeyType, readonly number[]>> = {
  RSA: [2048, 3072, 4096],
  "RSA-HSM": [2048, 3072, 4096],
  "oct-HSM": [256, 192, 128],
};

export async function createVersion(parameters: KeyParameters): Promise<KeyVersion> {
  const sizes = keySizes[parameters.type];
  const bits = parameters.bits ?? sizes[0] ?? 0;
  if (!sizes.includes(bits)) throw badParameter(`The key size ${bits} is not supported for ${parameters.type} keys`);
  if (parameters.type === "oct-HSM") return version(parameters, bits, { oct: randomBytes(bits / 8) });
  return version(parameters, bits, { rsa: (await generate("rsa", { modulusLength: bits })).privateKey });
}

/** `jwk`: an RSA private key, or the `k` of a symmetric one. */
export function importVersion(parameters: KeyParameters, jwk: Jwk): KeyVersion {
  if (parameters.type === "oct-HSM") {
    const oct = Buffer.from(jwk.k ?? "", "base64url");
    if (!keySizes["oct-HSM"].includes(oct.length * 8)) throw badParameter("The key size is not supported");
    return version(parameters, oct.length * 8, { oct });
  }
  const rsa = privateKey(jwk);
  const bits = rsa.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!keySizes.RSA.includes(bits)) throw badParameter("The key size is not supported");
  return version(parameters, bits, { rsa });
}

/** Another version of the same key, made by rotation. It has no dates, since no rotation policy set any. */
export async function nextVersion(latest: KeyVersion): Promise<KeyVersion> {
  const { type, bits, operations, tags } = latest;
  return createVersion({ type, bits, operations, tags, attributes: { enabled: true, notBefore: undefined, expires: undefined } });
}

/** The part that anybody may see. */
export function publicJwk({ type, material }: KeyVersion): Readonly<Record<string, string>> {
  if ("oct" in material) return { kty: type };
  const { n = "", e = "" } = createPublicKey(material.rsa).export({ format: "jwk" });
  return { kty: type, n, e };
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function version({ type, operations, attributes, tags }: KeyParameters, bits: number, material: KeyVersion["material"]): KeyVersion {
  const now = seconds();
  return {
    id: randomBytes(16).toString("hex"),
    type,
    bits,
    material,
    operations: operations ?? defaultOperations(type),
    attributes,
    tags,
    created: now,
    updated: now,
  };
}

function defaultOperations(type: AzureKeyType): readonly string[] {
  const both = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
  return type === "oct-HSM" ? both : [...both, "sign", "verify"];
}

function privateKey(jwk: Jwk): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk, kty: "RSA" }, format: "jwk" });
  } catch {
    throw badParameter("The key is not a valid RSA private key");
  }
}
