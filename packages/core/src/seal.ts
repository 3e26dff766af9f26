import { readAad } from "./aad.ts";
import { type Bytes, requireBytes, uninitialised } from "./bytes.ts";
import { type CreatedHeader, createHeader, readCore } from "./create-header.ts";
import type { KekWrapper } from "./kek.ts";
import { readWrappers } from "./kek-list.ts";
import { cacheOf } from "./key-cache.ts";
import { envelopeHeadOf } from "./object.ts";
import { checkOptions, keyOptions, type SealOptions, signalOf } from "./options.ts";
import { payloadBytesOf, sealPayload } from "./payload.ts";

const known = [...keyOptions, "aad", "cache"];

/**
 * One envelope that any of `keks` (1 to 16) can open. All or nothing: one KEK that cannot wrap fails the call with its code, one of `KekErrorCode`.
 * `plaintext` is read after the KEKs answered: do not change it before the promise settles. The result is a buffer of its own.
 */
export async function seal(plaintext: Uint8Array, keks: readonly KekWrapper[], options: SealOptions = {}): Promise<Bytes> {
  requireBytes("plaintext", plaintext);
  checkOptions(options, known);
  const list = readWrappers(keks);
  const core = readCore(options, 1);
  const aad = readAad(options.aad);
  const cache = options.cache === undefined ? undefined : cacheOf(options.cache);
  options.signal?.throwIfAborted();
  const { length } = plaintext;
  const created =
    cache === undefined ? await createHeader(list, core, signalOf(options)) : await cache.forSealing(list, core, length, options);
  // A buffer that was transferred away while we waited has length 0: sealing that would lose the message.
  if (plaintext.length !== length) throw new TypeError("plaintext changed its length while it was being sealed");
  return sealedEnvelope(created, plaintext, aad);
}

export function sealedEnvelope(created: CreatedHeader, plaintext: Uint8Array, aad: Uint8Array): Bytes {
  const head = envelopeHeadOf(created.header);
  const envelope = uninitialised(head.length + payloadBytesOf(plaintext.length));
  envelope.set(head);
  sealPayload(created, plaintext, aad, envelope, head.length);
  return envelope;
}
