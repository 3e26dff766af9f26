import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect } from "vitest";
import { encodeHeader, parseHeader } from "../src/header.ts";
import {
  aad,
  asStored,
  createDataKey,
  createKeyCache,
  fromText,
  inspect,
  joinEnvelope,
  localKek,
  open,
  openDataKey,
  openRange,
  openReader,
  openStream,
  rewrap,
  rewrapStream,
  seal,
  sealStream,
  splitEnvelope,
  toText,
} from "../src/index.ts";
import { collect, inChunks } from "./support/chunks.ts";
import { contextChoice } from "./support/context-arbitrary.ts";
import { header } from "./support/header-arbitrary.ts";
import { boundarySizes, cutInto, cuts, messageOfSize, size, suite } from "./support/message-arbitrary.ts";
import { outcomeOf } from "./support/outcome.ts";
import { recordedSource } from "./support/recorded-source.ts";
import { property } from "./support/seeded-property.ts";

const keks = ["a", "b", "c", "d"].map((name, i) => localKek({ name, secret: new Uint8Array(32).fill(i + 1) }));
const [kek, ...others] = keks as [(typeof keks)[0], ...typeof keks];
const anyAad = fc.oneof(fc.constant(""), fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 100 }));

describe("a message", () => {
  property("comes back as it was sealed", 60, [size, suite, contextChoice, anyAad], async (length, suite, { context, detached }, aad) => {
    const plaintext = messageOfSize(length);
    const envelope = await seal(plaintext, [kek], { suite, context, detached, aad });
    expectSame(await open(envelope, [kek], { context, aad }), plaintext);
    const supplied = Object.fromEntries(Object.entries(context).filter(([key]) => detached.includes(key)));
    expectSame(await open(envelope, [kek], { context: asStored(supplied), aad }), plaintext);
    expect(inspect(envelope)).toMatchObject({ plaintextBytes: length, header: { suite } });
  });

  property(
    "comes back at every size around a segment's end, from an envelope and from a record",
    1,
    [fc.constantFrom(...boundarySizes), suite],
    async (length, suite) => {
      const plaintext = messageOfSize(length);
      const { key, blob } = await createDataKey([kek], { suite });
      const record = key.seal(plaintext, { aad: "" });
      expect(record.length).toBe(60 + length + 16 * (Math.floor(length / 65_536) + 1));
      using opened = await openDataKey(blob, [kek], { keyId: key.keyId });
      expectSame(opened.open(record, { aad: "" }), plaintext);
      expectSame(await open(joinEnvelope(blob, record), [kek]), plaintext);
      expectSame(await open(await seal(plaintext, [kek], { suite }), [kek]), plaintext);
    },
    boundarySizes.flatMap((length): [number, "aes-256-gcm" | "chacha20-poly1305"][] => [
      [length, "aes-256-gcm"],
      [length, "chacha20-poly1305"],
    ]),
  );

  property("is the same through a stream of any chunks", 40, [size, suite, cuts, cuts], async (length, suite, cutPlain, cutSealed) => {
    const plaintext = messageOfSize(length);
    const envelope = await collect(sealStream(cutInto(plaintext, cutPlain), [kek], { suite }));
    expectSame(await open(envelope, [kek]), plaintext);
    expectSame(await collect(openStream(cutInto(envelope, cutSealed), [kek])), plaintext);
    const { key } = await createDataKey([kek], { suite });
    const record = await collect(key.sealStream(cutInto(plaintext, cutPlain), { aad: "" }));
    expectSame(key.open(record, { aad: "" }), plaintext);
    expectSame(await collect(key.openStream(cutInto(record, cutSealed), { aad: "" })), plaintext);
  });

  property(
    "ends the same with a warm cache as without one",
    100,
    [suite, contextChoice, contextChoice, fc.nat()],
    async (suite, sealed, other, n) => {
      using cache = createKeyCache({ maxAgeMs: 60_000, maxUses: 10, maxBytes: 10_000, maxEntries: 10 });
      const { context } = sealed;
      const envelope = await seal(messageOfSize(5), [kek], { suite, ...sealed });
      await open(envelope, [kek], { context, cache });
      const keys = Object.keys(context);
      const key = keys[n % Math.max(1, keys.length)] ?? "tenant";
      const without = Object.fromEntries(Object.entries(context).filter(([name]) => name !== key));
      const changed = Object.fromEntries([...Object.entries(without), [key, `${context[key]}x`]]);
      for (const expected of [context, without, changed, other.context, undefined, asStored(), asStored(without)]) {
        const fresh = await outcomeOf(() => open(envelope, [kek], { context: expected }));
        expect(await outcomeOf(() => open(envelope, [kek], { context: expected, cache }))).toEqual(fresh);
        expect(await outcomeOf(() => collect(openStream([envelope], [kek], { context: expected, cache })))).toEqual(fresh);
      }
    },
  );

  property("is the same byte by byte", 4, [fc.constantFrom(0, 1, 300, 65_535, 65_536, 65_537), suite], async (length, suite) => {
    const plaintext = messageOfSize(length);
    const envelope = await collect(sealStream(inChunks(plaintext, 1), [kek], { suite }));
    expectSame(await collect(openStream(inChunks(envelope, 1), [kek])), plaintext);
  });

  property("is cut by a range as slice cuts it", 60, [size, suite, fc.nat(), fc.nat()], async (length, suite, a, b) => {
    const plaintext = messageOfSize(length);
    const [start, end] = [a % (length + 1), b % (length + 1)].sort((x, y) => x - y) as [number, number];
    const source = recordedSource(await seal(plaintext, [kek], { suite }));
    expectSame(await openRange(source, [kek], { start, end }), plaintext.slice(start, end));
    using reader = await openReader(source, [kek]);
    expect(reader.plaintextBytes).toBe(length);
    expectSame(await reader.read({ start, end }), plaintext.slice(start, end));
    expectSame(await reader.read({ start: 0, end: length }), plaintext);
    const { key } = await createDataKey([kek], { suite });
    const record = recordedSource(key.seal(plaintext, { aad: "" }));
    expectSame(await key.openRange(record, { start, end }, { aad: "" }), plaintext.slice(start, end));
  });
});

describe("a header", () => {
  property("parses to what was encoded, and encodes to what was parsed", 300, [header], (fields) => {
    const bytes = encodeHeader(fields);
    const { pairs, ...parsed } = parseHeader(bytes);
    expect(plain(parsed)).toEqual(plain(fields));
    expect(pairs.length).toBe(fields.stored[2]);
    expectSame(encodeHeader(parsed), bytes);
  });
});

describe("an object", () => {
  const lists = fc.array(fc.subarray([0, 1, 2, 3], { minLength: 1 }), { minLength: 1, maxLength: 4 });

  property("keeps its payload through any chain of rewraps", 30, [fc.nat(70_000), contextChoice, lists], async (length, choice, chain) => {
    const plaintext = messageOfSize(length);
    const envelope = await seal(plaintext, [kek, ...others], choice);
    const payload = splitEnvelope(envelope).record;
    let current: Uint8Array = envelope;
    for (const members of chain) {
      const to = members.map((i) => keks[i] ?? kek);
      const options = { context: choice.context };
      const streamed = await collect(rewrapStream([current], { from: keks, to }, options));
      current = await rewrap(current, { from: keks, to }, options);
      for (const result of [current, streamed]) {
        expectSame(splitEnvelope(result).record, payload);
        for (const [i, candidate] of keks.entries()) {
          const opening = open(result, [candidate], options);
          if (members.includes(i)) expectSame(await opening, plaintext);
          else await expect(opening).rejects.toMatchObject({ code: "no-matching-kek" });
        }
      }
    }
  });

  property("is the same after it was split and joined", 40, [size, contextChoice], async (length, choice) => {
    const envelope = await seal(messageOfSize(length), [kek], choice);
    const { blob, record } = splitEnvelope(envelope);
    expectSame(joinEnvelope(blob, record), envelope);
    using key = await openDataKey(blob, [kek], { context: choice.context, keyId: inspect(record).keyId });
    expectSame(key.open(record, { aad: "" }), messageOfSize(length));
  });

  property("comes back from its text", 300, [fc.uint8Array({ minLength: 1, maxLength: 200 })], (bytes) => {
    const text = toText(bytes);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expectSame(fromText(text), bytes);
  });
});

describe("aad", () => {
  const part = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom("", "\0", "1", "12", "2", "\0\0\0\u0001a"),
    fc.uint8Array({ maxLength: 6 }),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.maxSafeInteger(),
  );
  const parts = fc.array(part, { maxLength: 5 });

  property("can be read back part by part, so that no two lists make the same bytes", 500, [parts], (list) => {
    const bytes = list.map((one) => Buffer.from(one instanceof Uint8Array ? one : String(one)).toString("hex"));
    expect(partsOf(aad(...list))).toEqual(bytes);
  });

  property(
    "tells apart one text split at two places",
    200,
    [fc.string({ minLength: 2, maxLength: 12 }), fc.nat(), fc.nat()],
    (text, a, b) => {
      const split = (at: number) => aad(text.slice(0, at), text.slice(at));
      const [i, j] = [a % (text.length + 1), b % (text.length + 1)];
      expect(Buffer.from(split(i)).equals(split(j))).toBe(i === j);
    },
  );
});

/** The reverse of the encoding of SPEC section 5. */
function partsOf(encoded: Uint8Array): readonly string[] {
  const prefix = "letterlock/1 aad\0";
  const bytes = Buffer.from(encoded);
  expect(bytes.subarray(0, prefix.length).toString("latin1")).toBe(prefix);
  const found: string[] = [];
  let at = prefix.length;
  while (at < bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    found.push(bytes.subarray(at + 4, end).toString("hex"));
    at = end;
  }
  expect(at).toBe(bytes.length);
  return found;
}

function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  if (!Buffer.from(actual).equals(expected)) expect(summary(actual)).toBe(summary(expected));
}

function summary(bytes: Uint8Array): string {
  return `${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 64)).toString("hex")}`;
}

/** Bytes as hex, so that a Buffer equals a Uint8Array. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? Buffer.from(item).toString("hex") : item)),
  );
}
