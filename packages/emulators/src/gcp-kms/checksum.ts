import { crc32c } from "./crc32c.ts";
import { Refusal } from "./status.ts";

/** google.protobuf.Int64Value as it is decoded: the number as text. */
export type Checksum = { readonly value: string } | null | undefined;

export function checksumOf(bytes: Uint8Array): Checksum {
  return { value: String(crc32c(bytes)) };
}

/** Whether a checksum was sent. One that does not match is refused, in the words of Google's page on data integrity. */
export function verified(field: string, bytes: Uint8Array, checksum: Checksum): boolean {
  if (checksum === null || checksum === undefined) return false;
  if (checksum.value !== String(crc32c(bytes))) {
    throw new Refusal("INVALID_ARGUMENT", `The checksum in field ${field}_crc32c did not match the data in field ${field}.`);
  }
  return true;
}
