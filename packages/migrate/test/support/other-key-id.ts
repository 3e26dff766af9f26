import { inspect } from "@letterlock/core";

/** An object whose header parses, and which nobody opens: a bit of its keyId is another. */
export function withOtherKeyId(object: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(object);
  const at = Buffer.from(object).indexOf(Buffer.from(inspect(object).keyId, "base64url"));
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
