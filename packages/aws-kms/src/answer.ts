import { isSameKey } from "./key-arn.ts";
import { Refusal } from "./refusal.ts";

/** API reference of Decrypt: no blob is longer. One that is no longer than the data key in it has no room for a tag. */
const mostBlobBytes = 6144;
const dataKeyBytes = 32;

/** Key material ids are 64 hex digits today; what a header can hold is SPEC section 3. */
const keyVersion = /^[\x21-\x7e]{1,255}$/;

/** The service must answer with the configured key: what another one wrapped or unwrapped is not ours. */
export function requireKey(named: string | undefined, keyArn: string): void {
  if (!isSameKey(named, keyArn)) throw new Refusal("provider-error", `the answer names another key than ${keyArn}`);
}

/** Refuses bytes that no symmetric key of the service can have made, before anything is sent. */
export function requireBlob(wrapped: Uint8Array): Uint8Array {
  if (isBlob(wrapped)) return wrapped;
  throw new Refusal("not-authentic", "this is no ciphertext of a symmetric key");
}

/** The blob of an answer; empty where it cannot be one, which core refuses, and zeroes the data key that came with it. */
export function blobOf({ CiphertextBlob }: { readonly CiphertextBlob?: Uint8Array | undefined }): Uint8Array {
  return isBlob(CiphertextBlob) ? CiphertextBlob : new Uint8Array(0);
}

function isBlob(bytes: unknown): bytes is Uint8Array {
  return bytes instanceof Uint8Array && bytes.length > dataKeyBytes && bytes.length <= mostBlobBytes;
}

export function versionOf(keyMaterialId: string | undefined): string | undefined {
  return keyMaterialId !== undefined && keyVersion.test(keyMaterialId) ? keyMaterialId : undefined;
}

/** The data key of an answer in a buffer of its own, if the answer names our key. The SDK's buffer is zeroed in any case. */
export function takeDataKey(
  answer: { readonly KeyId?: string | undefined; readonly Plaintext?: Uint8Array | undefined },
  keyArn: string,
): Uint8Array {
  const { KeyId, Plaintext } = answer;
  if (!(Plaintext instanceof Uint8Array)) throw new Refusal("provider-error", "the answer has no plaintext");
  const taken = isSameKey(KeyId, keyArn) ? new Uint8Array(new ArrayBuffer(Plaintext.length)) : undefined;
  taken?.set(Plaintext);
  Plaintext.fill(0);
  if (taken === undefined) throw new Refusal("provider-error", `the answer names another key than ${keyArn}`);
  return taken;
}
