import type { KekErrorCode } from "@letterlock/core";
import { Refusal } from "./refusal.ts";

/** Modulus lengths of the service's RSA keys, in bytes: API reference of CreateKey. */
export const rsaKeyBytes: readonly number[] = [256, 384, 512];

/** An RSA ciphertext is as long as the modulus. */
export function requireRsaCiphertext(bytes: Uint8Array | undefined, code: KekErrorCode): Uint8Array {
  if (bytes instanceof Uint8Array && rsaKeyBytes.includes(bytes.length)) return bytes;
  throw new Refusal(code, `an RSA ciphertext of the service has ${rsaKeyBytes.join(", ")} bytes`);
}
