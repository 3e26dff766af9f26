import { readAad } from "./aad.ts";
import { type Bytes, uninitialised } from "./bytes.ts";
import { saltBytes } from "./derive.ts";
import { LetterlockError } from "./error.ts";
import type { KekUnwrapper } from "./kek.ts";
import { race } from "./kek-call.ts";
import { envelopePrefixBytes, objectType, parseObject, payloadOffsetOf } from "./object.ts";
import { openHeaderThrough, openOptions } from "./open.ts";
import { type OpenedKey, readOpener } from "./open-header.ts";
import { checkOptions, type OpenOptions } from "./options.ts";
import { layoutOf, messageOf, sealedSegmentBytes, segmentBytes, segmentOffset } from "./payload.ts";

/** `read` resolves to exactly the bytes start (inclusive) to end (exclusive), 0 <= start <= end <= size; fewer or more is a RangeError of the call. */
export interface RangeSource {
  /** Of the whole object, in bytes. */
  readonly size: number;
  read(start: number, end: number, call: { readonly signal: AbortSignal }): Promise<Uint8Array>;
}

/** Plaintext bytes start (inclusive) to end (exclusive). start > end is a RangeError. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Many ranges for one provider call; `plaintextBytes` is authentic. Disposing it forgets the key. */
export interface EnvelopeReader extends Disposable {
  readonly plaintextBytes: number;
  /** "out-of-range" beyond plaintextBytes, "not-authentic" where a segment was changed. */
  read(range: Range): Promise<Bytes>;
}

/** One range: reads the head, the final segment (which authenticates the length) and the segments that overlap the range, nothing else. Codes as `open`. */
export async function openRange(
  envelope: RangeSource,
  keks: readonly KekUnwrapper[],
  range: Range,
  options: OpenOptions = {},
): Promise<Bytes> {
  checkRange(range);
  const reader = await openReader(envelope, keks, options);
  return await reader.read(range);
}

export async function openReader(envelope: RangeSource, keks: readonly KekUnwrapper[], options: OpenOptions = {}): Promise<EnvelopeReader> {
  checkOptions(options, openOptions);
  checkSource(envelope);
  const aad = readAad(options.aad);
  const opener = readOpener(keks, options);
  const read = (start: number, end: number): Promise<Uint8Array> => readRange(envelope, start, end, opener.signal);
  const prefix = await read(0, Math.min(envelopePrefixBytes, envelope.size));
  if (objectType(prefix) !== "envelope") parseObject(prefix, ["envelope"]);
  const payloadOffset = payloadOffsetOf(prefix);
  const head = uninitialised(Math.min(payloadOffset, envelope.size));
  head.set(prefix);
  head.set(await read(prefix.length, head.length), prefix.length);
  const { header } = parseObject(head, ["envelope"]);
  const opened = await openHeaderThrough(options.cache, header, opener);
  return payloadReader(envelope, payloadOffset, opened, aad, opener.signal);
}

/** Checks the layout and verifies the final segment before it resolves. `offset`: where the payload starts. */
export async function payloadReader(
  source: RangeSource,
  offset: number,
  opened: OpenedKey,
  aad: Uint8Array,
  signal: AbortSignal,
): Promise<EnvelopeReader> {
  const read = (start: number, end: number): Promise<Uint8Array> => readRange(source, offset + start, offset + end, signal);
  const payloadBytes = source.size - offset;
  const { finalIndex, finalOffset, plaintextBytes } = layoutOf(payloadBytes);
  const salt = await read(0, saltBytes);
  let message: ReturnType<typeof messageOf> | undefined = messageOf(opened, salt, aad);
  message.openSegment(finalIndex, await read(finalOffset, payloadBytes)).fill(0);

  const readPlaintext = async (range: Range): Promise<Bytes> => {
    checkRange(range);
    if (message === undefined) throw new TypeError("the reader is disposed");
    if (range.end > plaintextBytes)
      throw new LetterlockError("out-of-range", `the range ends at ${range.end}, the plaintext has ${plaintextBytes} bytes`);
    const plaintext = uninitialised(range.end - range.start);
    if (plaintext.length === 0) return plaintext;
    const first = Math.floor(range.start / segmentBytes);
    const last = Math.floor((range.end - 1) / segmentBytes);
    const current = message;
    for (let from = first; from <= last; from += segmentsPerRead) {
      const to = Math.min(last + 1, from + segmentsPerRead);
      const sealed = await read(segmentOffset(from), Math.min(segmentOffset(to), payloadBytes));
      for (let index = from; index < to; index++) {
        const at = (index - from) * sealedSegmentBytes;
        const segment = current.openSegment(index, sealed.subarray(at, at + sealedSegmentBytes));
        const start = index * segmentBytes;
        plaintext.set(segment.subarray(Math.max(0, range.start - start), range.end - start), Math.max(0, start - range.start));
      }
    }
    return plaintext;
  };
  return {
    plaintextBytes,
    read: readPlaintext,
    [Symbol.dispose]: () => {
      message = undefined;
    },
  };
}

/** 16 MiB a read: few requests, and little more in memory than the result. */
const segmentsPerRead = 256;

export function checkRange(range: Range): void {
  const { start, end } = range ?? {};
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) throw new TypeError("a range needs integers start and end");
  if (start < 0 || start > end) throw new RangeError(`a range needs 0 <= start <= end, not ${start} to ${end}`);
}

export function checkSource(source: RangeSource): void {
  if (typeof source !== "object" || source === null || typeof source.read !== "function")
    throw new TypeError("a range source needs size and read");
  if (!Number.isSafeInteger(source.size) || source.size < 0)
    throw new TypeError("the size of a range source must be a whole number of bytes");
}

/** Exactly the bytes asked for, or an error. */
export async function readRange(source: RangeSource, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes: unknown = await race(signal, () => source.read(start, end, { signal }));
  if (!(bytes instanceof Uint8Array)) throw new TypeError("read of the range source must resolve to a Uint8Array");
  if (bytes.length !== end - start)
    throw new RangeError(`read of the range source resolved to ${bytes.length} bytes instead of ${end - start}`);
  return bytes;
}
