import { headerOf, inspect, LetterlockError, type ObjectInfo } from "@letterlock/core";
import { type FileVersion, versionAt } from "./files/file-version.ts";
import { bytesOfText, type Chunks, chain, inputChunks, type OnRead } from "./files/input-chunks.ts";
import type { Input } from "./files/inputs.ts";

/** More than the longest head of an envelope (SPEC section 9.1). */
const prefixBytes = 46_000;
/** Eight segments with their tags: core opens whole segments in place. */
export const sealedChunkBytes: number = 8 * 65_552;
const saltBytes = 24;

/** A sealed input of any size, of which the head is in memory. */
export interface SealedSource {
  /** The first bytes: all of a head, or all of the object. */
  readonly prefix: Uint8Array;
  readonly info: ObjectInfo;
  /** The header as a key blob; undefined for a record, which has none. */
  readonly blob: Uint8Array | undefined;
  readonly size: number | undefined;
  /** Of the file that it comes from; undefined for pipes and devices. */
  readonly version: FileVersion | undefined;
  /** The whole object, once. */
  whole(): Chunks;
  /** What follows the head of an envelope, once, in buffers of its own: a writer may still hold one while the next is read. */
  payload(): Chunks;
  close(): Promise<void>;
}

export async function sealedSource(input: Input, options: { readonly text?: boolean | undefined }, onRead: OnRead): Promise<SealedSource> {
  // The head and the payload are read one after the other: both must be of one version of the file.
  const version = input.bytes === undefined ? undefined : versionAt(input.path);
  const size = options.text === true || version === undefined ? undefined : Number(version.size);
  const raw = inputChunks(input, {
    start: 0,
    chunkBytes: size === undefined ? sealedChunkBytes : Math.max(1, Math.min(size, prefixBytes)),
    version,
    onRead: size === undefined ? onRead : () => {},
  });
  const chunks = options.text === true ? bytesOfText(raw) : raw;
  try {
    const prefix = await readPrefix(chunks);
    const info = look(prefix, size, options.text === true);
    const { blob, payloadOffset } = headOf(info, prefix);
    const from = (offset: number): Chunks => {
      if (size === undefined) return chain([prefix.subarray(offset)], chunks);
      return inputChunks(input, { start: offset, chunkBytes: sealedChunkBytes, version, onRead });
    };
    const body = payloadOffset + saltBytes;
    if (size !== undefined) await chunks.return();
    return {
      prefix,
      info,
      blob,
      size,
      version,
      whole: () => (size === undefined ? from(0) : chain([prefix.subarray(0, body)], from(Math.min(body, size)))),
      payload: () => copies(from(payloadOffset)),
      async close() {
        await chunks.return();
      },
    };
  } catch (error) {
    await chunks.return();
    throw error;
  }
}

/** The header that a command is about to work on, or the reason why there is none. */
export function requireEnvelope(source: SealedSource): Extract<ObjectInfo, { type: "envelope" }> {
  if (source.info.type === "envelope") return source.info;
  throw new LetterlockError("malformed", `${typeNames[source.info.type]}, where an envelope is needed`);
}

export function requireHeader(source: SealedSource): { readonly info: Exclude<ObjectInfo, { type: "record" }>; readonly blob: Uint8Array } {
  const { info, blob } = source;
  if (info.type !== "record" && blob !== undefined) return { info, blob };
  throw new LetterlockError("malformed", "a record, whose header is in a key blob elsewhere");
}

const typeNames = { envelope: "an envelope", "key-blob": "a key blob", record: "a record" };

async function* copies(chunks: Chunks): Chunks {
  for await (const chunk of chunks) yield Uint8Array.from(chunk);
}

async function readPrefix(chunks: Chunks): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < prefixBytes; ) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    // A copy, as the buffer behind a chunk is used again.
    parts.push(Uint8Array.from(value));
    bytes += value.length;
  }
  return Buffer.concat(parts);
}

function look(prefix: Uint8Array, size: number | undefined, text: boolean): ObjectInfo {
  try {
    return inspect(prefix, size === undefined ? {} : { size });
  } catch (error) {
    if (!text && LetterlockError.is(error) && Buffer.from(prefix.subarray(0, 5)).toString("latin1") === "ltrlE") {
      throw new LetterlockError("malformed", "this looks like the text form of an object: add --text");
    }
    throw error;
  }
}

function headOf(info: ObjectInfo, prefix: Uint8Array): { readonly blob: Uint8Array | undefined; readonly payloadOffset: number } {
  if (info.type === "envelope") return headerOf(prefix);
  return { blob: info.type === "key-blob" ? prefix : undefined, payloadOffset: prefix.length };
}
