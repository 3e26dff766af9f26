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

/**
 * Looks at a text, at hexadecimal digits in it, and into what is base64 in it, three layers deep; base64 that is cut into lines too. Bytes that are no UTF-8 are looked at for
 * the form in bytes, which starts at their start only.
 */
export function nestedObjects(stored: Uint8Array, layers = 0): Nested[] {
  const text = utf8(stored);
  if (text === undefined) return [];
  // A slash may be written as "\/" in JSON, and more so in JSON within JSON.
  const plain = text.replaceAll(/(?<!\\)\\+\//g, "/");
  const found = inRuns(plain, layers);
  return found.length > 0 || layers === deepest ? found : inRuns(plain.replaceAll(lineBreaks, ""), layers);
}

/** As they are, and as JSON writes them. What follows a backslash begins no search: a file of nothing else would be searched from each of them to its end. */
const lineBreaks = /[\r\n]+[ \t]*|(?<!\\)(?:\\+[rn])+/g;

function inRuns(text: string, layers: number): Nested[] {
  const runs = text.matchAll(/[A-Za-z0-9+/_-]{60,}={0,2}/g);
  return [...runs].flatMap(({ 0: run, index }) => [...objectIn(run, index, layers), ...hexIn(run, index, layers), ...within(run, layers)]);
}

/** As PostgreSQL writes bytea, and much else bytes. */
function hexIn(run: string, at: number, layers: number): Nested[] {
  const hex = /96dae512(?:[0-9a-f]{2}){45,}/i.exec(run);
  const info = hex === null ? undefined : attempt(Buffer.from(hex[0], "hex"));
  return info === undefined ? [] : [{ layers, at: at + (hex?.index ?? 0), info }];
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
