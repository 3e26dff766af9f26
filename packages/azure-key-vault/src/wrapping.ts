import type { CryptographyClient, CryptographyOptions } from "@azure/keyvault-keys";
import type { KekCall } from "@letterlock/core";
import type { KeyVaultOperation } from "./error-meaning.ts";

/** RSA-OAEP-256: RSA keys of a vault or a Managed HSM. The others: symmetric keys of 256 bits (oct-HSM), of a Managed HSM. */
export type AzureKeyVaultAlgorithm = "RSA-OAEP-256" | "A256GCM" | "A256KW";

type Run = (client: CryptographyClient, bytes: Uint8Array, call: KekCall, options: CryptographyOptions) => Promise<Uint8Array | undefined>;

/** How one algorithm lays out `wrapped` (SPEC 6.2). `wrap` and `unwrap` give undefined where the answer lacks a value. */
export interface Wrapping {
  readonly bindsContext: boolean;
  readonly authenticatesWrap: boolean;
  /** The lengths in bytes that `wrapped` can have. */
  readonly lengths: readonly number[];
  readonly operations: { readonly wrap: KeyVaultOperation; readonly unwrap: KeyVaultOperation };
  readonly wrap: Run;
  readonly unwrap: Run;
}

export function wrappingOf(algorithm: unknown): Wrapping {
  switch (algorithm) {
    case "RSA-OAEP-256":
      return { ...keyWrap(algorithm), authenticatesWrap: false, lengths: rsaLengths };
    case "A256KW":
      return { ...keyWrap(algorithm), authenticatesWrap: true, lengths: [40] };
    case "A256GCM":
      return gcm;
    default:
      throw new TypeError('algorithm must be "RSA-OAEP-256", "A256GCM" or "A256KW"');
  }
}

/** Of keys with 2048, 3072 and 4096 bits. */
export const rsaLengths: readonly number[] = [256, 384, 512];

const ivBytes = 12;
const dataKeyBytes = 32;
const tagBytes = 16;

function keyWrap(algorithm: "RSA-OAEP-256" | "A256KW"): Omit<Wrapping, "authenticatesWrap" | "lengths"> {
  return {
    bindsContext: false,
    operations: { wrap: "wrapKey", unwrap: "unwrapKey" },
    wrap: async (client, dataKey, _call, options) => (await client.wrapKey(algorithm, dataKey, options)).result,
    unwrap: async (client, wrapped, _call, options) => (await client.unwrapKey(algorithm, wrapped, options)).result,
  };
}

const gcm: Wrapping = {
  bindsContext: true,
  authenticatesWrap: true,
  lengths: [ivBytes + dataKeyBytes + tagBytes],
  operations: { wrap: "encrypt", unwrap: "decrypt" },
  async wrap(client, dataKey, { associatedData }, options) {
    const parameters = { algorithm: "A256GCM", plaintext: dataKey, additionalAuthenticatedData: associatedData } as const;
    const { iv, result, authenticationTag } = await client.encrypt(parameters, options);
    if (result === undefined || iv?.length !== ivBytes || authenticationTag?.length !== tagBytes) return undefined;
    return Buffer.concat([iv, result, authenticationTag]);
  },
  async unwrap(client, wrapped, { associatedData }, options) {
    const iv = wrapped.subarray(0, ivBytes);
    const ciphertext = wrapped.subarray(ivBytes, -tagBytes);
    const authenticationTag = wrapped.subarray(-tagBytes);
    const parameters = { algorithm: "A256GCM", ciphertext, iv, authenticationTag, additionalAuthenticatedData: associatedData } as const;
    return (await client.decrypt(parameters, options)).result;
  },
};
