import { asStored, createDataKey, fromText, type Kek, type KekUnwrapper, open, openDataKey, seal, toText } from "@letterlock/core";
import { withOtherKeyId } from "../support/other-key-id.ts";
import type { Kind } from "./crash-setup.ts";

/** What is in an object, and for a key blob a record under it. */
export interface Plain {
  readonly text: string;
  readonly record?: Uint8Array | undefined;
}

export interface Sealed {
  readonly plain: Plain;
  readonly object: Uint8Array;
}

export const objectCount = 24;
const context = { table: "users" };
const aad = "a record";
/** Above the eight mebibytes from which a file gets a new head, while its payload is copied. */
const largeBytes = 9 * 1024 * 1024;

/** Names of objects: four folders, two in each line, a row each. */
export function idOf(kind: Kind, i: number): string {
  return { files: `folder ${i % 4}/${i}`, ndjson: `${i >> 1}/${i % 2 === 0 ? "ssn" : "more/a"}`, postgres: `["${i}"]` }[kind];
}

/** An envelope; for every eighth object a key blob; a text with a line break, and a large file, among files. */
export async function sealedObject(kind: Kind, i: number, text: string, kek: Kek): Promise<Sealed> {
  if (i % 8 === 3) {
    const { key, blob } = await createDataKey([kek], { context });
    using dataKey = key;
    const record = dataKey.seal(Buffer.from(text), { aad });
    return { plain: { text, record }, object: stored(kind, blob) };
  }
  const isLarge = kind === "files" && i === 0;
  const plain = { text: isLarge ? text.padEnd(largeBytes, " ") : text };
  const envelope = await seal(Buffer.from(plain.text), [kek], { context });
  const isText = kind === "files" && i % 8 === 5;
  return { plain, object: isText ? Buffer.from(`${toText(envelope)}\n`) : stored(kind, envelope) };
}

/** Undefined: it opens and is what it was. Else what it is instead. */
export async function differenceOf(bytes: Uint8Array, { text, record }: Plain, keks: readonly KekUnwrapper[]): Promise<string | undefined> {
  const options = { context: asStored() };
  const object = Buffer.from(bytes.subarray(0, 4)).toString() === "ltrl" ? fromText(Buffer.from(bytes).toString().trimEnd()) : bytes;
  try {
    const opened = record === undefined ? await open(object, keks, options) : await recordIn(object, record, keks);
    return Buffer.from(opened).equals(Buffer.from(text)) ? undefined : `"${Buffer.from(opened).toString().slice(0, 40)}"`;
  } catch (error) {
    return String(error);
  }
}

/** What lies among the objects and must stay as it is, byte for byte: foreign, cut, of another data key, of a stranger, and a record. */
export async function sprinkled(kind: Kind, kek: Kek, stranger: Kek): Promise<Map<string, Uint8Array>> {
  const envelope = await seal(Buffer.from("damaged"), [kek], { context });
  const { key } = await createDataKey([kek]);
  using dataKey = key;
  const objects = [
    envelope.slice(0, 60),
    withOtherKeyId(envelope),
    await seal(Buffer.from("of a stranger"), [stranger], { context }),
    dataKey.seal(Buffer.from("a record"), { aad }),
  ].map((object) => stored(kind, object));
  const all = [Buffer.from("nothing of Letterlock"), ...objects];
  return new Map(
    all.map((object, i) => [{ files: `folder ${i % 4}/odd ${i}`, ndjson: `"odd ${i}"/ssn`, postgres: `["odd ${i}"]` }[kind], object]),
  );
}

async function recordIn(blob: Uint8Array, record: Uint8Array, keks: readonly KekUnwrapper[]): Promise<Uint8Array> {
  using key = await openDataKey(blob, keks, { context: asStored() });
  return key.open(record, { aad });
}

/** Lines hold text. */
function stored(kind: Kind, object: Uint8Array): Uint8Array {
  return kind === "ndjson" ? Buffer.from(toText(object)) : object;
}
