import { type Aad, requireAad } from "./aad.ts";
import { type ByteSource, readSource } from "./byte-source.ts";
import { type ByteStream, byteStream } from "./byte-stream.ts";
import { type Bytes, copy, requireBytes, uninitialised } from "./bytes.ts";
import { createHeader, readCore } from "./create-header.ts";
import { LetterlockError } from "./error.ts";
import type { KekUnwrapper, KekWrapper } from "./kek.ts";
import { readWrappers } from "./kek-list.ts";
import { manyMessageKeys } from "./message-key.ts";
import { keyBlobOf, parseObject, recordPrefixBytes, writeRecordPrefix } from "./object.ts";
import { openHeaderThrough } from "./open.ts";
import { type OpenedKey, readOpener } from "./open-header.ts";
import {
  type CallOptions,
  callOptions,
  checkOptions,
  headerOptions,
  type KeyOptions,
  keyOptions,
  type OpenKeyOptions,
  signalOf,
} from "./options.ts";
import { openPayload, payloadBytesOf, sealPayload } from "./payload.ts";
import { openedStream, sealedStream } from "./payload-stream.ts";
import { checkRange, checkSource, payloadReader, type Range, type RangeSource, readRange } from "./range.ts";
import { toText } from "./text.ts";

/** Seals and opens many messages without a provider call. After dispose every member but keyId throws a TypeError. */
export interface DataKey extends Disposable {
  /** Unpadded base64url of the 32 bytes. */
  readonly keyId: string;
  /** A record, 60 + 16 x segments bytes longer than the plaintext: 76 below 64 KiB. Synchronous. The aad is required, because records under one key
   *  and one aad can be swapped: name the place they belong to, or say "" on purpose. At most 2^40 messages under one key (SPEC section 7). */
  seal(plaintext: Uint8Array, options: { readonly aad: Aad }): Bytes;
  /** A record of another key is "unknown-key". Also "malformed", "unsupported", "truncated", "not-authentic". */
  open(record: Uint8Array, options: { readonly aad: Aad }): Bytes;
  openRange(record: RangeSource, range: Range, options: { readonly aad: Aad } & CallOptions): Promise<Bytes>;
  sealStream(plaintext: ByteSource, options: { readonly aad: Aad } & CallOptions): ByteStream;
  /** Every chunk is authentic when it is yielded; only a stream that ends without an error is complete. */
  openStream(record: ByteSource, options: { readonly aad: Aad } & CallOptions): ByteStream;
}

/** A new data key and the key blob that opens it again: store the blob, use the key for many records. All or nothing, as `seal`. */
export async function createDataKey(
  keks: readonly KekWrapper[],
  options: KeyOptions = {},
): Promise<{ readonly key: DataKey; readonly blob: Bytes }> {
  checkOptions(options, keyOptions);
  const list = readWrappers(keks);
  const core = readCore(options, 1);
  const created = await createHeader(list, core, signalOf(options));
  return { key: dataKeyOf(created), blob: keyBlobOf(created.header) };
}

/** The data key of a key blob. Codes as `open`, and "unknown-key" where `options.keyId` names another key, before any provider call. */
export async function openDataKey(blob: Uint8Array, keks: readonly KekUnwrapper[], options: OpenKeyOptions = {}): Promise<DataKey> {
  requireBytes("blob", blob);
  checkOptions(options, [...headerOptions, "keyId", "cache"]);
  if (options.keyId !== undefined && typeof options.keyId !== "string") throw new TypeError("keyId must be a string");
  const opener = readOpener(keks, options);
  const { header } = parseObject(blob, ["key-blob"]);
  if (options.keyId !== undefined && options.keyId !== toText(header.keyId))
    throw unknownKey("the key blob holds another key than the one asked for");
  return dataKeyOf(await openHeaderThrough(options.cache, header, opener));
}

function dataKeyOf({ key, keyId, core }: OpenedKey): DataKey {
  const messageKeys = manyMessageKeys(key, keyId);
  let live: OpenedKey | undefined = { key, keyId, core, messageKeys };
  const prefix = new Uint8Array(recordPrefixBytes);
  writeRecordPrefix(prefix, keyId);
  const opened = (): OpenedKey => {
    if (live === undefined) throw new TypeError("the data key is disposed");
    return live;
  };
  const aadOf = (options: { readonly aad: Aad }, known: readonly string[]): Uint8Array => {
    checkOptions(options, known);
    return requireAad(options.aad);
  };
  const requireOwn = (record: Uint8Array): void => {
    if (startsWith(record, prefix)) return;
    parseObject(record, ["record"]);
    throw unknownKey("the record was sealed under another data key");
  };
  return {
    keyId: toText(keyId),
    seal: (plaintext, options) => {
      const key = opened();
      requireBytes("plaintext", plaintext);
      const aad = aadOf(options, onlyAad);
      const record = uninitialised(recordPrefixBytes + payloadBytesOf(plaintext.length));
      record.set(prefix);
      sealPayload(key, plaintext, aad, record, recordPrefixBytes);
      return record;
    },
    open: (record, options) => {
      const key = opened();
      requireBytes("record", record);
      const aad = aadOf(options, onlyAad);
      requireOwn(record);
      return openPayload(key, record, recordPrefixBytes, aad);
    },
    openRange: async (record, range, options) => {
      const key = opened();
      const aad = aadOf(options, aadAndCall);
      checkSource(record);
      checkRange(range);
      const signal = signalOf(options);
      requireOwn(await readRange(record, 0, Math.min(recordPrefixBytes, record.size), signal));
      const reader = await payloadReader(record, recordPrefixBytes, key, aad, signal);
      return await reader.read(range);
    },
    sealStream: (plaintext, options) => {
      const key = opened();
      const aad = aadOf(options, aadAndCall);
      const source = readSource("plaintext", plaintext, options.signal ?? new AbortController().signal);
      return byteStream(
        source,
        sealedStream(source, aad, async () => ({ head: copy(prefix), opened: key })),
      );
    },
    openStream: (record, options) => {
      const key = opened();
      const aad = aadOf(options, aadAndCall);
      const source = readSource("record", record, options.signal ?? new AbortController().signal);
      return byteStream(
        source,
        openedStream(source, aad, async () => {
          requireOwn(await source.take(recordPrefixBytes));
          return key;
        }),
      );
    },
    [Symbol.dispose]: () => {
      live = undefined;
      messageKeys[Symbol.dispose]();
    },
  };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

const onlyAad = ["aad"];
const aadAndCall = [...callOptions, "aad"];

function unknownKey(message: string): LetterlockError {
  return new LetterlockError("unknown-key", message);
}
