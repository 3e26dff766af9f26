import { inspect, type ObjectInfo } from "@letterlock/core";

/** An object of ours inside something that is none: in a field of a JSON text, or in base64 of one. A migration of the outer thing does not move it. */
export interface Nested {
  /** Where it stands: the number of base64 layers around it, and at which character or byte of the innermost. */
  readonly layers: number;
  readonly at: number;
  readonly info: ObjectInfo;
}

const deepest = 3;
/** The text of the smallest object that has a header; a shorter run of characters is none. */
const shortest = 60;

/** Looks at a text, and into what is base64 in it, three layers deep. Bytes that are no UTF-8 are looked at for the form in bytes, which starts at their start only. */
export function nestedObjects(stored: Uint8Array, layers = 0): Nested[] {
  const text = utf8(stored);
  if (text === undefined) return [];
  // A slash may be written as "\/" in JSON.
  const runs = text.replaceAll("\\/", "/").matchAll(/[A-Za-z0-9+/_-]{60,}={0,2}/g);
  return [...runs].flatMap(({ 0: run, index }) => [...objectIn(run, index, layers), ...within(run, layers)]);
}

function objectIn(run: string, at: number, layers: number): Nested[] {
  const start = run.indexOf("ltrlE");
  if (start === -1 || run.length - start < shortest) return [];
  const info = attempt(Buffer.from(run.slice(start), "base64"));
  return info === undefined ? [] : [{ layers, at: at + start, info }];
}

function within(run: string, layers: number): Nested[] {
  if (layers === deepest || run.includes("ltrlE")) return [];
  return nestedObjects(Buffer.from(run, "base64"), layers + 1);
}

function attempt(bytes: Uint8Array): ObjectInfo | undefined {
  try {
    return inspect(bytes);
  } catch {
    return undefined;
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
