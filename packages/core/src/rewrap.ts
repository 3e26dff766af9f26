import { type ByteSource, readSource } from "./byte-source.ts";
import { type ByteStream, byteStream } from "./byte-stream.ts";
import { type Bytes, concat, copy, requireBytes, sameBytes } from "./bytes.ts";
import { buildHeader, wrapForAll } from "./create-header.ts";
import { limitExceeded } from "./cursor.ts";
import { type EncodableHeader, encodeHeader, type Header, headerParts, maxRecipients } from "./header.ts";
import type { KekUnwrapper, KekWrapper, Recipient } from "./kek.ts";
import { readWrappers } from "./kek-list.ts";
import { envelopeHeadOf, envelopePrefix, keyBlobPrefix, type ParsedEnvelope, type ParsedKeyBlob, parseObject } from "./object.ts";
import { type Opener, openSecret, readOpener, report } from "./open-header.ts";
import { checkOptions, headerOptions, type RewrapOptions } from "./options.ts";
import { publicRecipient, recipientId, type StoredRecipient } from "./recipient.ts";
import { readEnvelopeHead } from "./stream.ts";
import { usageId } from "./suite.ts";

/** Afterwards exactly `to`, and the recipients that `keep` returned true for, can open it. Kept bytes are copied, not verified. */
export interface Rewrap {
  readonly from: readonly KekUnwrapper[];
  /** 1 to 16 KEKs; may be empty where `keep` leaves somebody. */
  readonly to: readonly KekWrapper[];
  /** Asked about every recipient that is not in `to`; the ones in `to` are wrapped anew. */
  readonly keep?: ((recipient: Recipient) => boolean) | undefined;
}

export const rewrapOptions: readonly string[] = [...headerOptions, "usage"];

/**
 * The same data key for another set of recipients: an envelope or a key blob, the payload copied byte for byte. All or nothing. Somebody who is removed
 * may have kept the data key: `rekey` where that matters. Codes as `open`, and those of the KEKs in `to`; "limit-exceeded" for more than 16 recipients.
 * `object` must not change before the promise settles: the payload is copied then.
 */
export async function rewrap(object: Uint8Array, keks: Rewrap, options: RewrapOptions = {}): Promise<Bytes> {
  requireBytes("object", object);
  const { opener, change } = readRewrap(keks, options);
  const { length } = object;
  const parsed = parseObject(object, ["envelope", "key-blob"]);
  const header = await rewrappedHeader(parsed.header, opener, change);
  return withHeader(parsed, header, object, length);
}

/** `rewrap` of an envelope of any size. The head is rewritten before the first chunk; the payload passes through, unverified and unread. */
export function rewrapStream(envelope: ByteSource, keks: Rewrap, options: RewrapOptions = {}): ByteStream {
  checkOptions(options, rewrapOptions);
  const signal = options.signal ?? new AbortController().signal;
  const { opener, change } = readRewrap(keks, options, signal);
  const source = readSource("envelope", envelope, signal);
  const body = async function* (): ByteStream {
    const { header } = parseObject(await readEnvelopeHead(source), ["envelope"]);
    yield envelopeHeadOf(encodeHeader(await rewrappedHeader(header, opener, change)));
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
      if (chunk.length > 0) yield copy(chunk);
    }
  };
  return byteStream(source, body());
}

/** The same object with another header: what follows the old one is copied. `length` is that of the object when it was parsed. */
export function withHeader(parsed: ParsedEnvelope | ParsedKeyBlob, header: EncodableHeader, object: Uint8Array, length: number): Bytes {
  if (object.length !== length) throw new TypeError("object changed its length while its header was rewritten");
  const parts = headerParts(header);
  if (parsed.type === "key-blob") return concat([keyBlobPrefix(), ...parts]);
  return concat([envelopePrefix(parts.reduce((sum, part) => sum + part.length, 0)), ...parts, object.subarray(parsed.payloadOffset)]);
}

interface Change {
  readonly to: readonly KekWrapper[];
  readonly keep: ((recipient: Recipient) => boolean) | undefined;
}

function readRewrap(keks: Rewrap, options: RewrapOptions, signal?: AbortSignal): { opener: Opener; change: Change } {
  checkOptions(options, rewrapOptions);
  if (typeof keks !== "object" || keks === null) throw new TypeError("keks must be { from, to, keep? }");
  checkOptions(keks, ["from", "to", "keep"], "member of keks");
  const { from, to, keep } = keks;
  if (keep !== undefined && typeof keep !== "function") throw new TypeError("keep must be a function");
  const nobody = Array.isArray(to) && to.length === 0 && keep !== undefined;
  const change = { to: nobody ? [] : readWrappers(to, "to"), keep };
  return { opener: readOpener(from, options, usageId(options.usage), signal), change };
}

async function rewrappedHeader(header: Header, opener: Opener, { to, keep }: Change): Promise<EncodableHeader> {
  const kept = keep === undefined ? [] : keptRecipients(header, to, keep);
  if (to.length + kept.length === 0) throw new RangeError("keep left no recipient and to is empty: nobody could open it");
  if (to.length + kept.length > maxRecipients)
    throw limitExceeded(`recipients: ${to.length + kept.length}; the maximum is ${maxRecipients}`);
  const { secret, core, failures } = await openSecret(header, opener);
  try {
    report(failures, opener);
    return buildHeader(secret, header.keyId, core, [...kept, ...(await wrapForAll(secret, to, core, opener.signal))]);
  } finally {
    secret.fill(0);
  }
}

function keptRecipients(header: Header, to: readonly KekWrapper[], keep: (recipient: Recipient) => boolean): readonly StoredRecipient[] {
  const replaced = to.map((kek) => recipientId(kek.provider, kek.keyRef));
  return header.recipients.filter(
    (recipient) => !replaced.some((id) => sameBytes(id, recipient.id)) && keeps(keep, publicRecipient(recipient)),
  );
}

/** A promise would be true for every recipient. */
function keeps(keep: (recipient: Recipient) => boolean, recipient: Recipient): boolean {
  const answer: unknown = keep(recipient);
  if (typeof answer !== "boolean") throw new TypeError("keep must return true or false");
  return answer;
}
