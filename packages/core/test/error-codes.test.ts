import { describe, expect, test } from "vitest";
import * as core from "../src/index.ts";
import { countingKek, failingKek } from "./support/counting-kek.ts";
import { letterlockError } from "./support/rejection.ts";
import { flipped } from "./support/tampered.ts";
import { collect } from "./support/tracked-source.ts";

// SPEC section 9: every code, provoked through the public API.

const kek = countingKek();
const message = new Uint8Array(70_000).fill(1);
const envelope = await core.seal(message, [kek], { context: { tenant: "acme" } });
const context = { tenant: "acme" };
const { blob, record } = core.splitEnvelope(envelope);
const key = await core.openDataKey(blob, [kek], { context });
const { payloadOffset } = core.headerOf(envelope);
const range = (bytes: Uint8Array) => ({ size: bytes.length, read: async (start: number, end: number) => bytes.slice(start, end) });
const opened = (bytes: Uint8Array) => () => core.open(bytes, [kek], { context });
const many = countingKek({ keyRef: "z" });
const otherKey = (await core.createDataKey([kek])).key;

const provoked: Partial<Record<core.LetterlockErrorCode, (() => unknown)[]>> = {
  malformed: [
    opened(new Uint8Array(0)),
    opened(new Uint8Array(500)),
    opened(envelope.slice(0, payloadOffset - 1)),
    opened(blob),
    opened(record),
    () => key.open(envelope, { aad: "" }),
    () => core.fromText("YQ=="),
    () => core.inspect(Uint8Array.of(0x96, 0xda, 0xe5)),
    () => core.headerOf(envelope.subarray(0, payloadOffset - 1)),
    () => core.envelopeHead(envelope),
    () => core.openDataKey(envelope, [kek], { context }),
    () => core.refresh(record, [kek]),
    () => core.rewrap(record, { from: [kek], to: [kek] }),
    () => core.verify(record, [kek]),
    () => core.rekey(blob, { from: [kek], to: [kek] }, { context }),
    () => collect(core.openStream([blob], [kek], { context })),
  ],
  "limit-exceeded": [
    opened(envelope.with(8, 33)),
    () =>
      core.rewrap(
        envelope,
        { from: [kek], to: Array.from({ length: 16 }, (_, i) => countingKek({ keyRef: `k${i}` })), keep: () => true },
        { context },
      ),
  ],
  unsupported: [opened(envelope.with(3, 0x22)), opened(envelope.with(3, 0x14)), opened(envelope.with(6, 3))],
  "wrong-usage": [() => core.verify(envelope, [kek], { context, usage: "kek" })],
  "context-mismatch": [
    () => core.open(envelope, [kek]),
    () => core.rewrap(envelope, { from: [kek], to: [kek] }, { context: core.asStored(context) }),
  ],
  "no-matching-kek": [
    () => core.open(envelope, [many], { context }),
    () => core.open(envelope, [], { context }),
    () => core.refresh(envelope, [many], { context }),
  ],
  "unknown-key": [
    () => otherKey.open(record, { aad: "" }),
    () => core.joinEnvelope(blob, otherKey.seal(message, { aad: "" })),
    () => core.openDataKey(blob, [kek], { context, keyId: otherKey.keyId }),
    () => collect(otherKey.openStream([record], { aad: "" })),
    () => otherKey.openRange(range(record), { start: 0, end: 1 }, { aad: "" }),
  ],
  "not-authentic": [
    opened(flipped(envelope, -1)),
    opened(flipped(envelope, payloadOffset - 1)),
    () => core.open(envelope, [kek], { context, aad: "other" }),
    () => core.open(envelope, [failingKek("not-authentic")], { context }),
    () => key.open(record, { aad: "other" }),
  ],
  truncated: [
    opened(envelope.slice(0, payloadOffset)),
    opened(envelope.slice(0, payloadOffset + 24 + 65_552)),
    () => collect(core.openStream([envelope.slice(0, payloadOffset + 24 + 65_552)], [kek], { context })),
    () => core.openRange(range(envelope.slice(0, payloadOffset + 24 + 65_552)), [kek], { start: 0, end: 1 }, { context }),
    () => key.open(record.slice(0, 40), { aad: "" }),
  ],
  "out-of-range": [
    () => core.openRange(range(envelope), [kek], { start: 0, end: 70_001 }, { context }),
    () => key.openRange(range(record), { start: 70_001, end: 70_001 }, { aad: "" }),
  ],
};
const providers = ["access-denied", "kek-not-found", "kek-unusable", "throttled", "unavailable", "provider-error"] as const;
for (const code of providers) provoked[code] = [() => core.open(envelope, [failingKek(code)], { context })];

describe.each(Object.entries(provoked))("%s", (code, ways) => {
  test.each(ways.map((way, i) => [i, way] as const))("is what way %i gives", async (_i, way) => {
    await letterlockError((async () => way())(), code as core.LetterlockErrorCode);
  });
});

test("covers all 16 codes", () => {
  expect(Object.keys(provoked)).toHaveLength(16);
});

test("comes from the final segment before the range of a damaged object", async () => {
  const { read, size } = range(flipped(envelope, -1));
  await letterlockError(core.openRange({ read, size }, [kek], { start: 0, end: 70_001 }, { context }), "not-authentic");
});
