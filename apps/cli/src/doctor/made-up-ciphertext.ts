import { randomBytes } from "node:crypto";
import type { KekUri } from "../keks/kek-uri.ts";

/**
 * Bytes that a provider takes for a ciphertext until it tries to open them, after it has asked whether the caller may. Undefined where that order is not
 * known.
 */
export function madeUpCiphertext({ provider }: KekUri): Uint8Array | undefined {
  switch (provider) {
    case "vault-transit":
      return Buffer.from(`vault:v1:${randomBytes(60).toString("base64")}`, "latin1");
    case "azure-key-vault":
      // As long as what an RSA key of 2048 bits makes, and less than its modulus.
      return Buffer.concat([Buffer.alloc(1), randomBytes(255)]);
    case "gcp-kms":
      return randomBytes(113);
    default:
      return undefined;
  }
}
