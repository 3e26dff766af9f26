import { readAad } from "./aad.ts";
import { type ByteSource, readSource, type SourceReader } from "./byte-source.ts";
import { type ByteStream, byteStream } from "./byte-stream.ts";
import { type Bytes, concat } from "./bytes.ts";
import { createHeader, readCore } from "./create-header.ts";
import type { KekUnwrapper, KekWrapper } from "./kek.ts";
import { readWrappers } from "./kek-list.ts";
import { cacheOf } from "./key-cache.ts";
import { envelopeHeadOf, envelopePrefixBytes, objectType, parseObject, payloadOffsetOf } from "./object.ts";
import { openHeaderThrough, openOptions } from "./open.ts";
import { readOpener } from "./open-header.ts";
import { checkOptions, keyOptions, type OpenOptions, type SealOptions } from "./options.ts";
import { openedStream, sealedStream } from "./payload-stream.ts";

const sealOptions = [...keyOptions, "aad", "cache"];

/**
 * `seal` for a message of any size, in bounded memory. Misuse is thrown by the call itself; everything else rejects `next()`. Fastest with chunks that
 * are multiples of 65,536 bytes. A cache is not used: the length is unknown, so `maxBytes` could not be kept; each stream has a data key of its own.
 */
export function sealStream(plaintext: ByteSource, keks: readonly KekWrapper[], options: SealOptions = {}): ByteStream {
  checkOptions(options, sealOptions);
  const list = readWrappers(keks);
  const core = readCore(options, 1);
  const aad = readAad(options.aad);
  if (options.cache !== undefined) cacheOf(options.cache);
  const signal = options.signal ?? new AbortController().signal;
  const source = readSource("plaintext", plaintext, signal);
  const start = async (): Promise<{ head: Bytes; opened: Awaited<ReturnType<typeof createHeader>> }> => {
    const opened = await createHeader(list, core, signal);
    return { head: envelopeHeadOf(opened.header), opened };
  };
  return byteStream(source, sealedStream(source, aad, start));
}

/** Every chunk is authentic when it is yielded; only a stream that ends without an error is complete. Codes as `open`. */
export function openStream(envelope: ByteSource, keks: readonly KekUnwrapper[], options: OpenOptions = {}): ByteStream {
  checkOptions(options, openOptions);
  const aad = readAad(options.aad);
  if (options.cache !== undefined) cacheOf(options.cache);
  const signal = options.signal ?? new AbortController().signal;
  const opener = readOpener(keks, options, 1, signal);
  const source = readSource("envelope", envelope, signal);
  return byteStream(
    source,
    openedStream(source, aad, async () => {
      const { header } = parseObject(await readEnvelopeHead(source), ["envelope"]);
      return openHeaderThrough(options.cache, header, opener);
    }),
  );
}

/** Prefix and header, which is all of an envelope but its payload. No more is read than the object's own lengths say. */
export async function readEnvelopeHead(source: SourceReader): Promise<Bytes> {
  const prefix = await source.take(envelopePrefixBytes);
  if (objectType(prefix) !== "envelope") parseObject(prefix, ["envelope"]);
  return concat([prefix, await source.take(payloadOffsetOf(prefix) - envelopePrefixBytes)]);
}
