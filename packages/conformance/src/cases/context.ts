import type { Context, KekCall } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { refused, settled } from "../settled.ts";
import { newDataKey, recipientOf, requireOpens, requireSame, type Specimen, specimen } from "../specimen.ts";
import type { Trial } from "../trial.ts";

const emoji = "\u{1f511}";
const binding = "A KEK with bindsContext fails with not-authentic; one without opens, because core alone holds the context there.";

export const contextCases: readonly ConformanceCase[] = [
  differing("context-missing", "a pair is missing", { tenant: "acme", table: "users" }, [{ tenant: "acme" }, { table: "users" }, {}]),
  differing("context-extra", "there is a pair too many", { tenant: "acme" }, [{ tenant: "acme", table: "users" }]),
  differing("context-extra-to-none", "there is a pair where there was none", {}, [{ tenant: "acme" }, { tenant: "" }]),
  differing("context-changed", "a value was changed", { tenant: "acme" }, [
    { tenant: "acmf" },
    { tenant: "Acme" },
    { tenant: "acme " },
    { tenant: "" },
  ]),
  differing("context-renamed", "a key was changed", { tenant: "acme" }, [{ tenanu: "acme" }, { Tenant: "acme" }, { "tenant ": "acme" }]),
  differing("context-moved-boundary", "the same letters stand in other pairs", { a: "bc", d: "e" }, [
    { ab: "c", d: "e" },
    { a: "bcd", e: "" },
    { a: "b", cd: "e" },
    { a: "e", d: "bc" },
    { a: "bc,d=e" },
    { a: 'bc","d":"e' },
  ]),
  differing("context-non-bmp", "text outside the basic plane was changed", { [emoji]: `x${emoji}` }, [
    { [emoji]: "x\u{1f512}" },
    { "\u{1f512}": `x${emoji}` },
    { [emoji]: "x" },
    { [emoji]: "x\ufffd" },
  ]),
  conformanceCase({
    id: "context-reordered",
    title: "takes the pairs of a context in any order",
    requirement: "A context is a map. The order of the pairs in the call is no part of it, also where the service is given pairs.",
    async run(trial) {
      const context = { b: "2", a: "1", c: "3", [emoji]: "4", "\uffff": "5" };
      const one = await specimen(trial, { context });
      const backwards = Object.fromEntries(Object.entries(one.call.encryptionContext).reverse());
      await requireOpens(
        trial,
        one.unwrapper,
        { ...one, call: { ...one.call, encryptionContext: backwards } },
        "with its context in another order",
      );
      const reordered = await capturedCall({ context: Object.fromEntries(Object.entries(context).reverse()) });
      await requireOpens(trial, one.unwrapper, { ...one, call: reordered }, "with its context in another order");
      return undefined;
    },
  }),
  tolerated("context-empty-value", "binds a pair with an empty value, or refuses it", { tenant: "acme", note: "" }, [
    { tenant: "acme" },
    { tenant: "acme", note: " " },
  ]),
  tolerated(
    "context-odd-keys",
    "binds keys that objects treat specially, or refuses them",
    { ["__proto__"]: "1", constructor: "2", 10: "3", 9: "4", toString: "5" },
    [
      { constructor: "2", 10: "3", 9: "4", toString: "5" },
      { ["__proto__"]: "9", constructor: "2", 10: "3", 9: "4", toString: "5" },
      { ["__proto__"]: "1", constructor: "2", 10: "4", 9: "3", toString: "5" },
    ],
  ),
  tolerated(
    "context-control-characters",
    "binds control characters, or refuses them",
    { tenant: "a\u0000b", "\ufefftenant": "\ufeffc\n\r\t\u2028" },
    [
      { tenant: "a", "\ufefftenant": "\ufeffc\n\r\t\u2028" },
      { tenant: "a\u0000b", tenanu: "\ufeffc\n\r\t\u2028" },
      { tenant: "a\u0000b", "\ufefftenant": "c\n\r\t\u2028" },
      { tenant: "a\u0000b", "\ufefftenant": "\ufeffc\n\r\t " },
    ],
  ),
  tolerated("context-largest", "binds the largest context, or refuses it", largest("x"), [largest("y")]),
  conformanceCase({
    id: "context-suite-usage",
    title: "binds the suite and the usage as it binds the context",
    requirement: `What was wrapped for a data key is not opened as a key-encryption key, nor in another suite. ${binding}`,
    async run(trial) {
      const context = { tenant: "acme" };
      const one = await specimen(trial, { context });
      const suite = await capturedCall({ context, suite: "chacha20-poly1305" });
      const usage = await capturedCall({ context, usage: "kek" });
      await requireBinding(trial, one, suite, "another suite is expected");
      await requireBinding(trial, one, usage, "another usage is expected");
      return undefined;
    },
  }),
];

/** Sealed with one context, opened with others. */
function differing(id: string, difference: string, context: Context, others: readonly Context[]): ConformanceCase {
  return conformanceCase({
    id,
    title: `binds the context exactly as it declares when ${difference}`,
    requirement: `When ${difference} in the context of the call: ${binding}`,
    async run(trial) {
      const one = await specimen(trial, { context });
      await requireOpens(trial, one.unwrapper, one, "under its own context");
      for (const other of others) await requireBinding(trial, one, await capturedCall({ context: other }), difference);
      return undefined;
    },
  });
}

/** A context that this format allows and a provider may refuse (SPEC section 6). */
function tolerated(id: string, title: string, context: Context, others: readonly Context[]): ConformanceCase {
  return conformanceCase({
    id,
    title,
    requirement: `A provider may refuse a context that the format allows: then wrap fails with provider-error. What it takes, it binds. ${binding}`,
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context });
      const dataKey = newDataKey();
      const wrapped = await settled(trial, wrapper, "wrap", () => wrapper.wrap(Uint8Array.from(dataKey), call));
      if (!wrapped.ok) {
        if (wrapped.code !== "provider-error") {
          throw failure(`wrap failed with ${wrapped.code} instead of provider-error`, wrapped.error, wrapped.code);
        }
        return "the provider refuses such a context";
      }
      const recipient = recipientOf(wrapper, wrapped.value);
      const one = { dataKey, call, unwrapper, recipient };
      await requireOpens(trial, unwrapper, one, "under its own context");
      for (const other of others) await requireBinding(trial, one, await capturedCall({ context: other }), "the context is another one");
      return undefined;
    },
  });
}

/** Both ways: a KEK that says it binds refuses, one that says it does not opens. */
async function requireBinding(
  trial: Trial,
  { unwrapper, recipient, dataKey }: Pick<Specimen, "unwrapper" | "recipient" | "dataKey">,
  call: KekCall,
  although: string,
): Promise<void> {
  const run = (): Promise<Uint8Array> => unwrapper.unwrap(recipient, call);
  if (unwrapper.bindsContext) {
    await refused(trial, unwrapper, "unwrap", run, { codes: ["not-authentic"], although: `bindsContext is true and ${although}` });
    return;
  }
  const opened = await settled(trial, unwrapper, "unwrap", run);
  if (!opened.ok)
    throw failure(`unwrap failed with ${opened.code} although bindsContext is false and only ${although}`, opened.error, opened.code);
  requireSame(opened.value, dataKey, `unwrap gave another data key when ${although}`);
}

/** 32 pairs, and 4096 bytes in the encoding of SPEC 3.1. */
function largest(letter: string): Context {
  const pairs = Array.from({ length: 32 }, (_, index): [string, string] => [`k${String(index).padStart(2, "0")}`, "v".repeat(120)]);
  return Object.fromEntries([...pairs.slice(0, 31), ["k31", "v".repeat(150) + letter]]);
}
