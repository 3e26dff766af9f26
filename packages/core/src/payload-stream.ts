import type { SourceReader } from "./byte-source.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Bytes } from "./bytes.ts";
import { saltBytes } from "./derive.ts";
import type { OpenedKey } from "./open-header.ts";
import { type Message, messageOf, sealedSegmentBytes, segmentBytes, truncated } from "./payload.ts";
import { randomSalt } from "./random.ts";
import { tagBytes } from "./suite.ts";

/** `head`, salt and segments. A segment leaves as two chunks, ciphertext and tag, because joining them would copy it. */
export async function* sealedStream(
  source: SourceReader,
  aad: Uint8Array,
  start: () => Promise<{ readonly head: Bytes; readonly opened: OpenedKey }>,
): ByteStream {
  source.throwIfAborted();
  const { head, opened } = await start();
  const salt = randomSalt();
  yield head;
  yield new Uint8Array(salt);
  const message = messageOf(opened, salt, aad);
  const pending = new Uint8Array(segmentBytes);
  let filled = 0;
  let index = 0;
  try {
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
      for (let at = 0; at < chunk.length; ) {
        const room = Math.min(segmentBytes - filled, chunk.length - at);
        const part = chunk.subarray(at, at + room);
        at += room;
        if (room < segmentBytes) {
          pending.set(part, filled);
          filled += room;
          if (filled < segmentBytes) continue;
        }
        source.throwIfAborted();
        const { ciphertext, tag } = message.sealSegment(index++, room === segmentBytes ? part : pending);
        filled = 0;
        yield ciphertext;
        yield tag;
      }
    }
    const { ciphertext, tag } = message.sealSegment(index, pending.subarray(0, filled));
    if (ciphertext.length > 0) yield ciphertext;
    yield tag;
  } finally {
    pending.fill(0);
  }
}

/** The plaintext behind the head: each chunk was verified before it leaves; "truncated" where the input ends without a final segment. */
export async function* openedStream(source: SourceReader, aad: Uint8Array, start: () => Promise<OpenedKey>): ByteStream {
  source.throwIfAborted();
  const opened = await start();
  const salt = await source.take(saltBytes);
  if (salt.length < saltBytes) throw truncated();
  const message = messageOf(opened, salt, aad);
  const pending = new Uint8Array(sealedSegmentBytes);
  let filled = 0;
  let index = 0;
  for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
    for (let at = 0; at < chunk.length; ) {
      const room = Math.min(sealedSegmentBytes - filled, chunk.length - at);
      const part = chunk.subarray(at, at + room);
      at += room;
      if (room < sealedSegmentBytes) {
        pending.set(part, filled);
        filled += room;
        if (filled < sealedSegmentBytes) continue;
      }
      filled = 0;
      source.throwIfAborted();
      yield message.openSegment(index++, room === sealedSegmentBytes ? part : pending);
    }
  }
  yield* finalSegment(message, index, pending.subarray(0, filled));
}

function* finalSegment(message: Message, index: number, sealed: Uint8Array): Generator<Bytes> {
  if (sealed.length < tagBytes) throw truncated();
  const plaintext = message.openSegment(index, sealed);
  if (plaintext.length > 0) yield plaintext;
}
