import { readAad } from "./aad.ts";
import { type Bytes, requireBytes } from "./bytes.ts";
import { encodeHeader, type Header } from "./header.ts";
import type { KekUnwrapper } from "./kek.ts";
import type { KeyCache } from "./key-cache.ts";
import { cacheOf } from "./key-cache.ts";
import { envelopeHeadOf, parseObject } from "./object.ts";
import { type OpenedKey, type Opener, openHeader, readOpener } from "./open-header.ts";
import { checkOptions, headerOptions, type OpenOptions } from "./options.ts";
import { openPayload } from "./payload.ts";

export const openOptions: readonly string[] = [...headerOptions, "aad", "cache"];

/**
 * The plaintext of an envelope, once everything verified. KEKs are tried in the order given; `context` and `aad` must be those of sealing.
 * Errors by code, in the order of the checks: "malformed", "limit-exceeded", "unsupported", "wrong-usage", "context-mismatch", "no-matching-kek" or the
 * code of the KEKs that failed (SPEC 8.1), "not-authentic", "truncated". `envelope` must not change before the promise settles.
 */
export async function open(envelope: Uint8Array, keks: readonly KekUnwrapper[], options: OpenOptions = {}): Promise<Bytes> {
  requireBytes("envelope", envelope);
  checkOptions(options, openOptions);
  const aad = readAad(options.aad);
  const cache = options.cache === undefined ? undefined : cacheOf(options.cache);
  const remembered = cache?.remembered(envelope, keks, options);
  if (remembered !== undefined) return openPayload(remembered.opened, envelope, remembered.payloadOffset, aad);
  const opener = readOpener(keks, options);
  const { header, payloadOffset } = parseObject(envelope, ["envelope"]);
  if (cache === undefined) return openPayload(await openHeader(header, opener), envelope, payloadOffset, aad);
  // What was parsed, not what the caller's buffer holds after the wait.
  const head = envelopeHeadOf(encodeHeader(header));
  const opened = await cache.forOpening(header, opener);
  cache.remember(head, opened, opener);
  return openPayload(opened, envelope, payloadOffset, aad);
}

export function openHeaderThrough(cache: KeyCache | undefined, header: Header, opener: Opener): Promise<OpenedKey> {
  return cache === undefined ? openHeader(header, opener) : cacheOf(cache).forOpening(header, opener);
}
