import * as fc from "fast-check";
import type { Context } from "../../src/index.ts";

/** A context, and which of its keys are detached. */
export interface ContextChoice {
  readonly context: Context;
  readonly detached: readonly string[];
}

/** Keys that languages and text tools treat specially, none of which the format does. */
const special = [
  "__proto__",
  "constructor",
  "toString",
  "10",
  "9",
  "-1",
  "01",
  "\u{feff}k",
  "k\0",
  "\u{ff5e}",
  "\u{1f600}",
  "é",
  "e\u0301",
];

/** Well-formed text of any code points. */
function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom("\0", "\u{feff}", "\u{10ffff}", "\u{ff5e}", "\u{1f511}", "\u{d7ff}") },
  );
  return fc.string({ unit, minLength, maxLength }).filter((value) => value.isWellFormed());
}

const key = fc.oneof(fc.constantFrom(...special), text(1, 24)).filter((value) => !/^(letterlock|aws:)/.test(value));
const value = fc.oneof(fc.constantFrom("", "\u{feff}", "\0", "acme"), text(0, 40));

/** Valid contexts: keys of up to 24 code points are at most 96 bytes, and twelve pairs stay below 4096. */
export const contextChoice: fc.Arbitrary<ContextChoice> = fc
  .uniqueArray(fc.tuple(key, value, fc.boolean()), { selector: ([name]) => name, maxLength: 12 })
  .map((pairs) => ({
    context: Object.fromEntries(pairs.map(([name, text]): [string, string] => [name, text])),
    detached: pairs.filter(([, , isDetached]) => isDetached).map(([name]) => name),
  }));
