import { Buffer } from "node:buffer";

export type EncryptionContext = Readonly<Record<string, string>>;

/** Bytes that no other map has, whatever its pairs: no order of pairs and no shift between a key and its value makes the same. None is `{}`. */
export function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).map(([key, value]) => [Buffer.from(key, "utf16le"), Buffer.from(value, "utf16le")] as const);
  const parts = pairs.toSorted(([a], [b]) => Buffer.compare(a, b)).flat();
  return Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
