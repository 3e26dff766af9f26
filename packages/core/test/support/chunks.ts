import { Buffer } from "node:buffer";

/** One chunk after the other in a single buffer that is overwritten, as a source may do. */
export function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    buffer.fill(0xa5);
  }
}

/** Everything that a stream yields; `released` has it even where the stream fails. */
export async function collect(stream: AsyncIterable<Uint8Array>, released: Uint8Array[] = []): Promise<Uint8Array> {
  for await (const chunk of stream) released.push(chunk);
  return joined(released);
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
