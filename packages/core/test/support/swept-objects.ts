import {
  type Context,
  createDataKey,
  createIntermediateKek,
  createKeyCache,
  intermediateKek,
  type Kek,
  type KeyOptions,
  type LetterlockErrorCode,
  localKek,
  open,
  openDataKey,
  openReader,
  openStream,
  type Suite,
  seal,
  verify,
} from "../../src/index.ts";
import { collect, inChunks } from "./chunks.ts";
import { recordedSource } from "./recorded-source.ts";

/** One way to open an object to its message. */
export interface Opener {
  readonly name: string;
  /** keyRefs of the recipients whose `wrapped` it can use. */
  readonly uses: readonly string[];
  /** Has K already: no `wrapped` matters. */
  readonly cached?: boolean;
  /** What another keyId is. */
  readonly otherKeyId?: LetterlockErrorCode;
  /** Codes that it does not pass through. */
  readonly translated?: (code: LetterlockErrorCode) => LetterlockErrorCode;
  readonly run: (object: Uint8Array) => Promise<Uint8Array>;
}

export interface Swept {
  readonly name: string;
  readonly object: Uint8Array;
  readonly openers: readonly Opener[];
}

export const message = Uint8Array.of(1, 2, 3, 4, 5);
const aad = "row:7";
const context: Context = { tenant: "acme", user: "u-42" };
const options: KeyOptions = { context, detached: ["user"] };
const alpha = versioned(localKek({ name: "alpha", secret: new Uint8Array(32).fill(0xa1) }));
const bravo = localKek({ name: "bravo", secret: new Uint8Array(32).fill(0xb2) });
const both = [bravo, alpha];
const bothRefs = ["alpha", "bravo"];
const limits = { maxAgeMs: 600_000, maxUses: 10, maxBytes: 10_000, maxEntries: 10_000 };

export async function sweptObjects(suite: Suite): Promise<readonly Swept[]> {
  return [await sweptEnvelope(suite), await sweptKeyBlob(suite), await sweptKekBlob(suite), await sweptRecord(suite)];
}

async function sweptEnvelope(suite: Suite): Promise<Swept> {
  const object = await seal(message, both, { ...options, suite, aad });
  const opening = { context, aad };
  const cache = createKeyCache(limits);
  await open(object, both, { ...opening, cache });
  return {
    name: "an envelope",
    object,
    openers: [
      { name: "open with alpha", uses: ["alpha"], run: (bytes) => open(bytes, [alpha], opening) },
      { name: "open with bravo", uses: ["bravo"], run: (bytes) => open(bytes, [bravo], opening) },
      { name: "open with both", uses: bothRefs, run: (bytes) => open(bytes, both, opening) },
      { name: "open from a cache", uses: bothRefs, cached: true, run: (bytes) => open(bytes, both, { ...opening, cache }) },
      { name: "openStream", uses: bothRefs, run: (bytes) => collect(openStream(inChunks(bytes, 50), both, opening)) },
      {
        name: "openReader",
        uses: bothRefs,
        run: async (bytes) => {
          using reader = await openReader(recordedSource(bytes), both, opening);
          return await reader.read({ start: 0, end: reader.plaintextBytes });
        },
      },
    ],
  };
}

async function sweptKeyBlob(suite: Suite): Promise<Swept> {
  const { key, blob } = await createDataKey(both, { ...options, suite });
  const record = key.seal(message, { aad });
  const opening = (keks: readonly Kek[], keyId?: string) => async (bytes: Uint8Array) => {
    using opened = await openDataKey(bytes, keks, { context, keyId });
    return opened.open(record, { aad });
  };
  return {
    name: "a key blob",
    object: blob,
    openers: [
      { name: "openDataKey with alpha", uses: ["alpha"], run: opening([alpha]) },
      { name: "openDataKey with bravo", uses: ["bravo"], run: opening([bravo]) },
      { name: "openDataKey with both", uses: bothRefs, run: opening(both) },
      { name: "openDataKey with a keyId", uses: bothRefs, otherKeyId: "unknown-key", run: opening(both, key.keyId) },
    ],
  };
}

async function sweptKekBlob(suite: Suite): Promise<Swept> {
  const { keyId, blob } = await createIntermediateKek(both, { ...options, suite });
  const intermediate = (bytes: Uint8Array, keks: readonly Kek[]) => intermediateKek({ keyId, blob: bytes, keks, context, maxAgeMs: 0 });
  const envelope = await seal(message, [intermediate(blob, both)], { suite });
  const verifying = (keks: readonly Kek[]) => async (bytes: Uint8Array) => {
    await verify(bytes, keks, { context, usage: "kek" });
    return message;
  };
  const opening = (keks: readonly Kek[]) => async (bytes: Uint8Array) => open(envelope, [intermediate(bytes, keks)]);
  const translated = (code: LetterlockErrorCode) => (code === "not-authentic" ? code : "kek-unusable");
  return {
    name: "a key blob of an intermediate KEK",
    object: blob,
    openers: [
      { name: "verify with alpha", uses: ["alpha"], run: verifying([alpha]) },
      { name: "verify with both", uses: bothRefs, run: verifying(both) },
      { name: "intermediateKek of bravo", uses: ["bravo"], otherKeyId: "kek-unusable", translated, run: opening([bravo]) },
      { name: "intermediateKek of both", uses: bothRefs, otherKeyId: "kek-unusable", translated, run: opening(both) },
    ],
  };
}

async function sweptRecord(suite: Suite): Promise<Swept> {
  const { key } = await createDataKey(both, { ...options, suite });
  const opener = { uses: [], otherKeyId: "unknown-key" } as const;
  return {
    name: "a record",
    object: key.seal(message, { aad }),
    openers: [
      { ...opener, name: "DataKey.open", run: async (bytes) => key.open(bytes, { aad }) },
      { ...opener, name: "DataKey.openStream", run: (bytes) => collect(key.openStream(inChunks(bytes, 7), { aad })) },
      {
        ...opener,
        name: "DataKey.openRange",
        run: async (bytes) => {
          // The length is not known before the range is read: what a range of no bytes passes, the whole must pass too.
          await key.openRange(recordedSource(bytes), { start: 0, end: 0 }, { aad });
          return await key.openRange(recordedSource(bytes), { start: 0, end: message.length }, { aad });
        },
      },
    ],
  };
}

/** A local KEK that tells a version, so that the sweep meets the field. */
function versioned(kek: Kek): Kek {
  return { ...kek, wrap: async (dataKey, call) => ({ ...(await kek.wrap(dataKey, call)), keyVersion: "v1" }) };
}
