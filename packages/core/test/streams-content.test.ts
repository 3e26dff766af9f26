import { describe, expect, test } from "vitest";
import * as core from "../src/index.ts";
import { countingKek } from "./support/counting-kek.ts";
import { rejectionOf } from "./support/rejection.ts";
import { collect } from "./support/tracked-source.ts";

// Rule 9: chunks are authentic when yielded; memory is bounded; what core returns is a buffer of its own.

const kek = countingKek();
const segment = 65_536;
const sealedSegment = segment + 16;
const plaintext = Uint8Array.from({ length: 3 * segment + 100 }, (_, i) => (i * 31) % 251);
const envelope = await core.seal(plaintext, [kek]);
const { payloadOffset } = core.headerOf(envelope);
const { key, blob } = await core.createDataKey([kek]);
const record = key.seal(plaintext, { aad: "" });

function chunked(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

describe("chunks in", () => {
  const shapes: Record<string, (bytes: Uint8Array) => core.ByteSource> = {
    "one huge chunk": (bytes) => [bytes],
    "single bytes": (bytes) => chunked(bytes, 1),
    "chunks of 65,535": (bytes) => chunked(bytes, 65_535),
    "chunks of 65,536": (bytes) => chunked(bytes, 65_536),
    "chunks of 65,537": (bytes) => chunked(bytes, 65_537),
    "sealed segments": (bytes) => chunked(bytes, sealedSegment),
    "empty chunks in between": (bytes) => chunked(bytes, 1000).flatMap((chunk) => [new Uint8Array(0), chunk, new Uint8Array(0)]),
    "views into one Buffer": (bytes) => chunked(bytes, 777).map((chunk) => Buffer.concat([Buffer.alloc(5), chunk]).subarray(5)),
    "one buffer used again": (bytes) =>
      (function* () {
        const buffer = new Uint8Array(100_000);
        for (const chunk of chunked(bytes, buffer.length)) {
          buffer.fill(0xee);
          buffer.set(chunk);
          yield buffer.subarray(0, chunk.length);
        }
        buffer.fill(0xee);
      })(),
    "a ReadableStream": (bytes) => new Blob([Uint8Array.from(bytes)]).stream(),
  };
  test.each(Object.entries(shapes))(
    "may be %s",
    async (_name, shape) => {
      expect(await core.open(await collect(core.sealStream(shape(plaintext), [kek])), [kek])).toEqual(plaintext);
      expect(await collect(core.openStream(shape(envelope), [kek]))).toEqual(plaintext);
      expect(await core.open(await collect(core.rewrapStream(shape(envelope), { from: [kek], to: [kek] })), [kek])).toEqual(plaintext);
      expect(key.open(await collect(key.sealStream(shape(plaintext), { aad: "" })), { aad: "" })).toEqual(plaintext);
      expect(await collect(key.openStream(shape(record), { aad: "" }))).toEqual(plaintext);
    },
    30_000,
  );

  test("may be none at all", async () => {
    for (const source of [[], [new Uint8Array(0)]]) {
      expect(await core.open(await collect(core.sealStream(source, [kek])), [kek])).toEqual(new Uint8Array(0));
      expect(await rejectionOf(collect(core.openStream(source, [kek])))).toMatchObject({ code: "malformed" });
    }
  });
});

describe("a changed stream", () => {
  const at = (index: number) => payloadOffset + 24 + index * sealedSegment;
  const part = (from: number, to?: number) => envelope.slice(at(from), to === undefined ? undefined : at(to));
  const head = envelope.slice(0, at(0));
  const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  const changed: [string, Uint8Array, number, string][] = [
    ["cut after the head", envelope.slice(0, payloadOffset), 0, "truncated"],
    ["cut inside the salt", envelope.slice(0, payloadOffset + 10), 0, "truncated"],
    ["cut after the salt", head, 0, "truncated"],
    ["cut at a segment", envelope.slice(0, at(2)), 2, "truncated"],
    ["cut inside the final tag", envelope.slice(0, at(3) + 15), 3, "truncated"],
    ["cut inside the final segment", envelope.slice(0, -1), 3, "not-authentic"],
    ["appended to", join(envelope, Uint8Array.of(0)), 3, "not-authentic"],
    ["with two segments swapped", join(head, part(1, 2), part(0, 1), part(2)), 0, "not-authentic"],
    ["with the second segment twice", join(head, part(0, 2), part(1, 2), part(3)), 2, "not-authentic"],
    ["without its second segment", join(head, part(0, 1), part(2)), 1, "not-authentic"],
  ];
  test.each(changed)("gives only authentic chunks before the error: %s", async (_name, bytes, segments, code) => {
    for (const size of [1000, sealedSegment, bytes.length]) {
      const chunks: Uint8Array[] = [];
      const read = async () => {
        for await (const chunk of core.openStream(chunked(bytes, size), [kek])) chunks.push(chunk);
      };
      expect(await rejectionOf(read())).toMatchObject({ code });
      expect(new Uint8Array(Buffer.concat(chunks))).toEqual(plaintext.slice(0, segments * segment));
    }
  });
});

test("seals and opens 1 GiB in bounded memory", async () => {
  const total = 2 ** 30;
  const chunk = new Uint8Array(1 << 20).fill(5);
  const source = function* () {
    for (let sent = 0; sent < total; sent += chunk.length) yield chunk;
  };
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
  const collected = async () => {
    for (let round = 0; round < 2; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return used();
  };
  const before = await collected();
  let [bytes, chunks, peak, held] = [0, 0, 0, 0];
  for await (const opened of core.openStream(core.sealStream(source(), [kek]), [kek])) {
    bytes += opened.length;
    if (++chunks % 64 === 0) peak = Math.max(peak, used() - before);
    if (chunks % 4096 === 4000) held = Math.max(held, (await collected()) - before);
  }
  expect(bytes).toBe(total);
  // What is held does not grow; the peak has garbage in it that nobody collected yet.
  expect(held).toBeLessThan(8 * 2 ** 20);
  expect(peak).toBeLessThan(total / 4);
}, 120_000);

describe("every result is a buffer of its own", () => {
  const sizes = [0, 1, 100, 5000, segment - 1, segment, segment + 1];
  const requireOwn = (name: string, bytes: Uint8Array) => {
    expect(Buffer.isBuffer(bytes), name).toBe(false);
    expect([bytes.byteOffset, bytes.buffer.byteLength, bytes.buffer instanceof ArrayBuffer], name).toEqual([0, bytes.byteLength, true]);
  };
  test.each(sizes)("with %d bytes", async (size) => {
    const pooled = Buffer.concat([Buffer.alloc(3), plaintext.subarray(0, size)]).subarray(3);
    for (const suite of ["aes-256-gcm", "chacha20-poly1305"] as const) {
      const sealed = await core.seal(pooled, [kek], { suite });
      const made = await core.createDataKey([kek], { suite });
      const ofRecord = made.key.seal(pooled, { aad: "" });
      const range = (bytes: Uint8Array) => ({
        size: bytes.length,
        read: async (start: number, end: number) => Buffer.from(bytes.subarray(start, end)),
      });
      const split = core.splitEnvelope(Buffer.from(sealed));
      const whole = { start: 0, end: size };
      const results: Record<string, Uint8Array> = {
        seal: sealed,
        open: await core.open(Buffer.from(sealed), [kek]),
        openRange: await core.openRange(range(sealed), [kek], whole),
        read: await (await core.openReader(range(sealed), [kek])).read(whole),
        rewrap: await core.rewrap(Buffer.from(sealed), { from: [kek], to: [kek] }),
        refresh: (await core.refresh(Buffer.from(sealed), [kek])).object,
        rekey: await core.rekey(sealed, { from: [kek], to: [kek] }),
        blob: made.blob,
        "DataKey.seal": ofRecord,
        "DataKey.open": made.key.open(Buffer.from(ofRecord), { aad: "" }),
        "DataKey.openRange": await made.key.openRange(range(ofRecord), whole, { aad: "" }),
        "split blob": split.blob,
        "split record": split.record,
        join: core.joinEnvelope(split.blob, split.record),
        headerOf: core.headerOf(sealed).blob,
        envelopeHead: core.envelopeHead(split.blob),
        fromText: core.fromText(core.toText(sealed)),
        aad: core.aad("a", Buffer.from("b"), 1),
      };
      const streams: Record<string, core.ByteStream> = {
        sealStream: core.sealStream([pooled], [kek], { suite }),
        openStream: core.openStream([Buffer.from(sealed)], [kek]),
        rewrapStream: core.rewrapStream([Buffer.from(sealed)], { from: [kek], to: [kek] }),
        "DataKey.sealStream": made.key.sealStream([pooled], { aad: "" }),
        "DataKey.openStream": made.key.openStream([Buffer.from(ofRecord)], { aad: "" }),
      };
      for (const [name, bytes] of Object.entries(results)) requireOwn(name, bytes);
      for (const [name, stream] of Object.entries(streams)) {
        const seen = new Set<ArrayBufferLike>();
        for await (const bytes of stream) {
          requireOwn(name, bytes);
          if (bytes.length > 0) expect(seen.has(bytes.buffer), name).toBe(false);
          seen.add(bytes.buffer);
        }
      }
    }
  });

  test("and so are the recipients that inspect shows", () => {
    const info = core.inspect(Buffer.from(blob));
    if (info.type === "record") throw new Error("a blob is no record");
    for (const { wrapped } of info.header.recipients) requireOwn("wrapped", wrapped);
  });
});

test("an abort ends a range read of a record whose source hangs", async () => {
  for (const hangsAt of [0, 1]) {
    const abort = new AbortController();
    let reads = 0;
    const source = {
      size: record.length,
      read: async (start: number, end: number) => {
        if (reads++ < hangsAt) return record.slice(start, end);
        queueMicrotask(() => abort.abort("enough"));
        return await Promise.withResolvers<Uint8Array>().promise;
      },
    };
    expect(await rejectionOf(key.openRange(source, { start: 0, end: 1 }, { aad: "", signal: abort.signal }))).toBe("enough");
  }
}, 2000);
