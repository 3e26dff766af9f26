import { Buffer } from "node:buffer";

/** What core returns: a buffer of its own, offset 0, never a pooled Buffer, so nothing else is reachable through `.buffer`. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Not zero-filled: the caller overwrites every byte before anybody sees it. */
export function uninitialised(length: number): Bytes {
  if (length < 4096) return new Uint8Array(length);
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** For keys: never inside the heap of V8, where a collection moves small arrays and leaves the old bytes behind. The caller zeroes it. */
export function secretBytes(length: number): Bytes {
  return new Uint8Array(new ArrayBuffer(length));
}

export function concat(parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = uninitialised(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** The same bytes as a plain Uint8Array over an ArrayBuffer of its own; copies only where the buffer is shared with something else. */
export function owned(bytes: Uint8Array): Bytes {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && bytes.byteLength === buffer.byteLength) return new Uint8Array(buffer);
  return copy(bytes);
}

/** `bytes.slice()` would be a view where `bytes` is a Buffer. */
export function copy(bytes: Uint8Array): Bytes {
  return concat([bytes]);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Misuse is a TypeError that names the argument. */
export function requireBytes(name: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
}
