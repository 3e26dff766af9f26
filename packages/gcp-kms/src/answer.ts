import { crc32c } from "@aws-crypto/crc32c";
import { cloudKmsError } from "./cloud-kms-error.ts";
import type { AnswerChecksum } from "./kms-client.ts";

/** Google numbers the versions of a key from 1; one with more digits is none of its. */
const version = /^[1-9][0-9]{0,18}$/;

/** The same bytes as a Buffer. Of any other view the SDK sends, over REST, as many bytes from the start of the buffer behind it: other memory, instead of a key. */
export function exactly(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function checksum(bytes: Uint8Array): { value: number } {
  return { value: crc32c(bytes) };
}

/**
 * The bytes of an answer, if they are what the service sent: https://cloud.google.com/kms/docs/data-integrity-guidelines. Bytes that were damaged on the
 * way are "unavailable", because the same call may well succeed, and Google's advice is to repeat it a few times.
 */
export function requireIntact(what: string, bytes: unknown, sum: AnswerChecksum): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) throw cloudKmsError("provider-error", `the answer has no ${what}`);
  // A Long and decimal text print the same number.
  if (String(sum?.value) !== String(crc32c(bytes))) {
    bytes.fill(0);
    throw cloudKmsError("unavailable", `the ${what} was damaged on its way from the service, or came without its checksum: retry`);
  }
  return bytes;
}

/** The service must say that the checksums of the request reached it, and were right. Where they are lost, so may be the bytes. */
export function requireVerified(...flags: readonly unknown[]): void {
  if (flags.every((flag) => flag === true)) return;
  throw cloudKmsError("unavailable", "the service did not verify the checksums of the request: retry");
}

/** The number in the name of a version of our key. A key that is not the configured one cannot be trusted to open again what it wrapped. */
export function requireVersion(name: unknown, keyName: string): string {
  const prefix = `${keyName}/cryptoKeyVersions/`;
  if (typeof name === "string" && name.startsWith(prefix) && version.test(name.slice(prefix.length))) return name.slice(prefix.length);
  throw cloudKmsError("provider-error", `the answer names another key than ${keyName}`);
}

/** A copy in a buffer of its own. The SDK's is a part of a larger one, and is zeroed. */
export function take(bytes: Uint8Array): Uint8Array {
  const taken = new Uint8Array(new ArrayBuffer(bytes.length));
  taken.set(bytes);
  bytes.fill(0);
  return taken;
}
