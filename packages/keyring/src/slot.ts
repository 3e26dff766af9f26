import { createHash } from "node:crypto";
import type { Context } from "@letterlock/core";

/** One text for one context, whatever the order of its pairs. Lengths stand before the parts, so that no two contexts make the same. */
export function contextText(context: Context): string {
  requirePlain(context);
  const names = Object.keys(context);
  if (names.length > 1) names.sort();
  let text = "";
  for (const name of names) {
    const value = context[name];
    if (typeof value !== "string") throw notText(name);
    text += `${name.length}:${name}${value.length}:${value}`;
  }
  return text;
}

/** As core has it: an object literal, or an object without a prototype, whose values are strings. A `TypeError` otherwise; what else core refuses is never in memory. */
export function requireContext(context: unknown): asserts context is Context {
  requirePlain(context);
  for (const name of Object.keys(context)) if (typeof context[name] !== "string") throw notText(name);
}

function requirePlain(context: unknown): asserts context is Record<string, unknown> {
  if (!isPlain(context) || Object.getOwnPropertySymbols(context).length > 0)
    throw new TypeError("context must be a plain object of strings");
}

function notText(name: string): TypeError {
  return new TypeError(`the context value of ${JSON.stringify(name)} must be a string`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // The prototype of literals of another realm.
  return typeof prototype === "object" && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

/** What a key is for: messages of a context, or wrapping the keys below a context. */
export function slotOf(usage: "data" | "kek", text: string): string {
  return createHash("sha256").update(`letterlock keyring slot/1 ${usage}\0${text}`).digest("base64url");
}

/** The pairs of `context` that choose the intermediate KEK; undefined where it does not have them. */
export function picked(context: Context, names: readonly string[]): Context | undefined {
  const pairs: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = Object.hasOwn(context, name) ? context[name] : undefined;
    if (value === undefined) return undefined;
    pairs[name] = value;
  }
  return pairs;
}

/** Whether `context` has every pair of `part`. */
export function includesPairs(context: Context, part: Context): boolean {
  return Object.entries(part).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value);
}
