import { envelopeHead, headerOf } from "../../src/index.ts";

/** The bytes with bit 0 of the one at `index` flipped; a negative index counts from the end. */
export function flipped(bytes: Uint8Array, index: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes);
  const at = index < 0 ? out.length + index : index;
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

/** An envelope whose mac is damaged and whose recipients are whole. */
export function withDamagedMac(envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  return flipped(envelope, headerOf(envelope).payloadOffset - 1);
}

/** An envelope where the first byte of `wrapped` is damaged. */
export function withDamagedWrapped(envelope: Uint8Array, wrapped: Uint8Array): Uint8Array<ArrayBuffer> {
  const { blob, payloadOffset } = headerOf(envelope);
  const at = indexOf(blob, wrapped);
  return Uint8Array.from([...envelopeHead(flipped(blob, at)), ...envelope.subarray(payloadOffset)]);
}

export function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  const at = Buffer.from(bytes).indexOf(part);
  if (at < 0) throw new Error("the part is not in the bytes");
  return at;
}
