import { type Bytes, concat, requireBytes, sameBytes, uninitialised } from "./bytes.ts";
import { LetterlockError } from "./error.ts";
import {
  envelopeHeadOf,
  envelopePrefixBytes,
  keyBlobOf,
  keyBlobPrefixBytes,
  parseObject,
  recordPrefixBytes,
  writeRecordPrefix,
} from "./object.ts";

// Copying bytes (SPEC section 2): no key is needed, and nothing is authenticated.

/** An envelope as a key blob and a record. */
export function splitEnvelope(envelope: Uint8Array): { readonly blob: Bytes; readonly record: Bytes } {
  requireBytes("envelope", envelope);
  const { header, payloadOffset } = parseObject(envelope, ["envelope"]);
  const record = uninitialised(recordPrefixBytes + envelope.length - payloadOffset);
  writeRecordPrefix(record, header.keyId);
  record.set(envelope.subarray(payloadOffset), recordPrefixBytes);
  return { blob: keyBlobOf(envelope.subarray(envelopePrefixBytes, payloadOffset)), record };
}

/** The reverse. A record of another key is "unknown-key". */
export function joinEnvelope(blob: Uint8Array, record: Uint8Array): Bytes {
  requireBytes("blob", blob);
  requireBytes("record", record);
  const { header } = parseObject(blob, ["key-blob"]);
  const { keyId, payloadOffset } = parseObject(record, ["record"]);
  if (!sameBytes(header.keyId, keyId))
    throw new LetterlockError("unknown-key", "the record was sealed under another data key than the one of the key blob");
  return concat([envelopeHeadOf(blob.subarray(keyBlobPrefixBytes)), record.subarray(payloadOffset)]);
}

/** For objects too large for memory: the header as a key blob, from any prefix of the envelope that holds it, and where the payload starts. Rewrap,
 *  refresh or verify the blob; then `envelopeHead(blob)` replaces the first `payloadOffset` bytes. */
export function headerOf(prefix: Uint8Array): { readonly blob: Bytes; readonly payloadOffset: number } {
  requireBytes("prefix", prefix);
  const { payloadOffset } = parseObject(prefix, ["envelope"]);
  return { blob: keyBlobOf(prefix.subarray(envelopePrefixBytes, payloadOffset)), payloadOffset };
}

/** Everything of an envelope but its payload. */
export function envelopeHead(blob: Uint8Array): Bytes {
  requireBytes("blob", blob);
  parseObject(blob, ["key-blob"]);
  return envelopeHeadOf(blob.subarray(keyBlobPrefixBytes));
}
