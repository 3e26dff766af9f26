import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxHeaderBytes, parseHeader } from "../src/header.ts";
import {
  type Context,
  createDataKey,
  createIntermediateKek,
  inspect,
  intermediateKek,
  type KekWrapper,
  LetterlockError,
  localKek,
  passphraseKek,
  seal,
  toText,
} from "../src/index.ts";
import { layoutOf, payloadBytesOf, sealedSegmentBytes, segmentBytes } from "../src/payload.ts";
import { contextChoice } from "./support/context-arbitrary.ts";
import { messageOfSize, size, suite } from "./support/message-arbitrary.ts";
import { property } from "./support/seeded-property.ts";
import { bytesOf, type VectorBytes, vectorsOf } from "./support/vector-file.ts";

interface Sizes {
  readonly fixed: Readonly<
    Record<"prefix" | "headerWithoutContextPairsAndRecipients" | "recipientFraming" | "payloadSalt" | "perSegment" | "segment", number>
  >;
  readonly record: Readonly<Record<"overhead" | "of100Bytes" | "text", number>>;
  readonly barePayload: Readonly<Record<"overhead" | "of100Bytes", number>>;
  readonly streaming: Readonly<Record<"overheadPerGiB" | "percent", number>>;
  readonly maximum: Readonly<Record<"header" | "keyBlob" | "recipient" | "plaintext", number>>;
  readonly objects: readonly {
    readonly name: string;
    readonly context: string;
    readonly recipient?: number;
    readonly header: number;
    readonly keyBlob: number;
    readonly envelopeOverhead: number;
    readonly envelopeOf100Bytes: number;
    readonly envelopeText: number;
  }[];
}

const sizes = JSON.parse(readFileSync(new URL("../vectors/sizes.json", import.meta.url), "utf8")) as Sizes;
const hundred = messageOfSize(100);
const local = localKek({ name: "dev-1", secret: new Uint8Array(32).fill(1) });

describe("the published sizes", () => {
  for (const published of sizes.objects) {
    test(`are those of ${published.name} with the context ${published.context}`, async () => {
      const keks = await keksOf(published.name);
      const context: Context = published.context === "empty" ? {} : { tenant: "acme-1234" };
      const envelope = await seal(hundred, keks, { context });
      const { blob } = await createDataKey(keks, { context });
      const info = inspect(envelope);
      const header = info.type === "envelope" ? info.header : undefined;
      expect({
        name: published.name,
        context: published.context,
        ...(published.recipient !== undefined && { recipient: (header?.bytes ?? 0) - contextBytes(context) - 68 }),
        header: header?.bytes,
        keyBlob: blob.length,
        envelopeOverhead: envelope.length - hundred.length,
        envelopeOf100Bytes: envelope.length,
        envelopeText: toText(envelope).length,
      }).toEqual(published);
    });
  }

  test("are those of a record, a bare payload and a long stream", async () => {
    const { key } = await createDataKey([local]);
    const record = key.seal(hundred, { aad: "" });
    const overhead = record.length - hundred.length;
    expect({ overhead, of100Bytes: record.length, text: toText(record).length }).toEqual(sizes.record);
    expect({ overhead: payloadBytesOf(100) - 100, of100Bytes: payloadBytesOf(100) }).toEqual(sizes.barePayload);
    const overheadPerGiB = payloadBytesOf(2 ** 30) - 2 ** 30;
    expect({ overheadPerGiB, percent: Number(((overheadPerGiB / 2 ** 30) * 100).toFixed(4)) }).toEqual(sizes.streaming);
  });

  test("are the largest that core reads", () => {
    const largest = bytesOf(
      (vectorsOf("header").find(({ id }) => id === "header-largest") as { object?: VectorBytes } | undefined)?.object ?? "",
    );
    const recipients = parseHeader(largest.subarray(4)).recipients;
    expect(recipients.map(({ id, keyVersion = "", wrapped }) => id.length + 1 + keyVersion.length + 2 + wrapped.length)).toEqual(
      Array.from({ length: 16 }, () => sizes.maximum.recipient),
    );
    expect([maxHeaderBytes, largest.length]).toEqual([sizes.maximum.header, sizes.maximum.keyBlob]);
    expect(layoutOf(payloadBytesOf(sizes.maximum.plaintext)).plaintextBytes).toBe(sizes.maximum.plaintext);
    expect(() => layoutOf(payloadBytesOf(sizes.maximum.plaintext + 1))).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(() => layoutOf(payloadBytesOf(sizes.maximum.plaintext + 1))).toThrow(LetterlockError);
  });
});

describe("the size of an object", () => {
  const { fixed } = sizes;

  property(
    "follows from its parts",
    60,
    [size, suite, contextChoice, fc.integer({ min: 1, max: 4 })],
    async (length, suite, choice, count) => {
      const keks = Array.from({ length: count }, (_, i) => localKek({ name: "k".repeat(i + 1), secret: new Uint8Array(32) }));
      const envelope = await seal(messageOfSize(length), keks, { ...choice, suite });
      const recipients = keks.map(({ keyRef }) => fixed.recipientFraming + "local".length + keyRef.length + 72);
      const header = fixed.headerWithoutContextPairsAndRecipients + contextBytes(choice.context, choice.detached) + sum(recipients);
      const segments = Math.floor(length / fixed.segment) + 1;
      expect(envelope.length - length).toBe(fixed.prefix + 2 + header + fixed.payloadSalt + fixed.perSegment * segments);
      expect([segmentBytes, sealedSegmentBytes - segmentBytes]).toEqual([fixed.segment, fixed.perSegment]);
    },
  );
});

/** What the pairs take in a header. */
function contextBytes(context: Context, detached: readonly string[] = []): number {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  return sum(Object.entries(context).map(([key, value]) => 2 + bytes(key) + (detached.includes(key) ? 0 : 2 + bytes(value))));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const cryptoKey = "projects/acme-prod/locations/europe-west1/keyRings/app/cryptoKeys/orders";
const version = "0123456789abcdef0123456789abcdef";
const vaultKey = "https://acme-prod.vault.azure.net/keys/orders";
const hsmKey = "https://acme-prod.managedhsm.azure.net/keys/orders";

/** KEKs that wrap to as many bytes as the named provider does. */
const providers: Readonly<Record<string, () => KekWrapper | Promise<KekWrapper>>> = {
  "aws-kms": () => wrapsTo(184, "aws-kms", arn),
  "aws-kms, with key material id": () => wrapsTo(184, "aws-kms", arn, `${version}${version}`),
  "gcp-kms": () => wrapsTo(113, "gcp-kms", cryptoKey, "1"),
  "azure-key-vault RSA-2048": () => wrapsTo(256, "azure-key-vault", vaultKey, version),
  "azure RSA-2048": () => wrapsTo(256, "azure-key-vault", vaultKey, version),
  "azure-key-vault RSA-4096": () => wrapsTo(512, "azure-key-vault", vaultKey, version),
  "azure-key-vault A256GCM (Managed HSM)": () => wrapsTo(60, "azure-key-vault", hsmKey, version),
  "vault-transit": () => wrapsTo(89, "vault-transit", "transit/orders", "1"),
  local: () => local,
  passphrase: () => passphraseKek({ name: "main", passphrase: "correct horse", logN: 15 }),
  intermediate: async () => {
    const { keyId, blob } = await createIntermediateKek([local]);
    return intermediateKek({ keyId, blob, keks: [local], maxAgeMs: 60_000 });
  },
};

async function keksOf(name: string): Promise<KekWrapper[]> {
  return await Promise.all(
    name.split(" + ").map((one) => {
      const provider = providers[one];
      if (provider === undefined) throw new Error(`no KEK stands for ${one}`);
      return provider();
    }),
  );
}

function wrapsTo(length: number, provider: string, keyRef: string, keyVersion?: string): KekWrapper {
  return {
    provider,
    keyRef,
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: () => "provider-error",
    wrap: async () => ({ wrapped: new Uint8Array(length).fill(0x61), keyVersion }),
  };
}
