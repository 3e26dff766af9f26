import { randomBytes } from "node:crypto";
import {
  asStored,
  createDataKey,
  createIntermediateKek,
  intermediateKek,
  type Kek,
  type KekUnwrapper,
  open,
  openDataKey,
  seal,
  type Usage,
} from "@letterlock/core";

/** An object with a header of its own, and a way to see that what hangs on it still opens. */
export interface SealedObject {
  readonly name: string;
  readonly usage: Usage;
  readonly bytes: Uint8Array;
  /** The same thing with a header that was written again. */
  withBytes(bytes: Uint8Array): SealedObject;
  /** Rejects unless the KEKs open it and the plaintext is right. */
  check(keks: readonly KekUnwrapper[]): Promise<void>;
}

export const context: Readonly<Record<string, string>> = { tenant: "acme" };
const aad = "orders/17";

/** One of each kind that can be in somebody's storage: an envelope, a key blob with a record under it, an intermediate KEK with an envelope under it. */
export async function sealedObjects(keks: readonly Kek[]): Promise<SealedObject[]> {
  return [await sealedEnvelope(keks), await sealedKeyBlob(keks), await sealedIntermediate(keks)];
}

export async function sealedEnvelope(keks: readonly Kek[], name = "envelope"): Promise<SealedObject> {
  const plaintext = new Uint8Array(randomBytes(100));
  const envelope = await seal(plaintext, keks, { context, aad });
  return object(name, "data", envelope, async (bytes, by) => requireSame(await open(bytes, by, { context, aad }), plaintext));
}

async function sealedKeyBlob(keks: readonly Kek[]): Promise<SealedObject> {
  const plaintext = new Uint8Array(randomBytes(100));
  const { key, blob } = await createDataKey(keks, { context });
  const record = key.seal(plaintext, { aad });
  key[Symbol.dispose]();
  return object("key blob", "data", blob, async (bytes, by) => {
    using opened = await openDataKey(bytes, by, { context });
    requireSame(opened.open(record, { aad }), plaintext);
  });
}

async function sealedIntermediate(keks: readonly Kek[]): Promise<SealedObject> {
  const plaintext = new Uint8Array(randomBytes(100));
  const { keyId, blob } = await createIntermediateKek(keks, { context });
  const through = (bytes: Uint8Array, by: readonly KekUnwrapper[]): Kek & Disposable =>
    intermediateKek({ keyId, blob: bytes, keks: by, context, maxAgeMs: 60_000 });
  using sealing = through(blob, keks);
  const envelope = await seal(plaintext, [sealing], { aad });
  return object("intermediate KEK", "kek", blob, async (bytes, by) => {
    using opening = through(bytes, by);
    requireSame(await open(envelope, [opening], { aad, context: asStored() }), plaintext);
  });
}

function object(
  name: string,
  usage: Usage,
  bytes: Uint8Array,
  checkBytes: (bytes: Uint8Array, keks: readonly KekUnwrapper[]) => Promise<void>,
): SealedObject {
  return {
    name,
    usage,
    bytes,
    withBytes: (others) => object(name, usage, others, checkBytes),
    check: (keks) => checkBytes(bytes, keks),
  };
}

function requireSame(opened: Uint8Array, plaintext: Uint8Array): void {
  if (Buffer.compare(opened, plaintext) !== 0) throw new Error("it opens, and is another plaintext");
}
