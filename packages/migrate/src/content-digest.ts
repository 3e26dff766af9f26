import { createHash } from "node:crypto";

/** The version of an object that is what it holds. */
export function contentDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
