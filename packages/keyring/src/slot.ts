import { createHash } from "node:crypto";
import type { Context } from "@letterlock/core";

/** One text for one context, whatever the order of its pairs. Lengths stand before the parts, so that no two contexts make the same. */
export function contextText(context: Context): string {
  const names = Object.keys(context);
  if (names.length > 1) names.sort();
  let text = "";
  for (const name of names) {
    const value = context[name];
    if (typeof value !== "string") throw new TypeError("context must be an object of strings");
    text += `${name.length}:${name}${value.length}:${value}`;
  }
  return text;
}

/** What a key is for: messages of a context, or wrapping the keys below a context. */
export function slotOf(usage: "data" | "kek", text: string): string {
  return createHash("sha256").update(`letterlock keyring slot/1 ${usage}\0${text}`).digest("base64url");
}

/** The pairs of `context` that choose the intermediate KEK. */
export function picked(context: Context, names: readonly string[]): Context {
  const pairs: Record<string, string> = {};
  for (const name of names) {
    const value = context[name];
    if (value === undefined) throw new TypeError(`context must have ${name}, because the policy has an intermediate KEK for each`);
    pairs[name] = value;
  }
  return pairs;
}

/** Whether `context` has every pair of `part`. */
export function includesPairs(context: Context, part: Context): boolean {
  return Object.entries(part).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value);
}
