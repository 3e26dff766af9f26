import { Buffer } from "node:buffer";
import { concat } from "./bytes.ts";
import { LetterlockError } from "./error.ts";
import type { SuiteId, UsageId } from "./suite.ts";
import { encodeUtf8 } from "./utf8.ts";

// SPEC section 3.1: the context, its two encodings, and core.

/** What the data key is about: bound for its whole life, stored, visible to providers and audit logs. A plain object of strings; anything else is a
 *  TypeError. At most 32 pairs, keys 1 to 128 and values 0 to 2048 bytes of UTF-8, 4096 bytes in all. Keys that start with "letterlock" or "aws:" are reserved. */
export type Context = Readonly<Record<string, string>>;

export interface AsStored {
  readonly "letterlock:as-stored": true;
}

/** "I have no expectation: take the stored values, and these detached ones." For rewrapping and migration; never the default. */
export function asStored(detached: Context = {}): AsStored {
  const pairs = readContext(detached);
  const token: AsStored = Object.freeze({ "letterlock:as-stored": true as const });
  detachedOf.set(token, pairs);
  return token;
}

const detachedOf = new WeakMap<object, readonly Pair[]>();

/** A context pair with the bytes it is ordered and encoded by. */
export interface Pair {
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly value: string;
  readonly valueBytes: Uint8Array;
}

/** What is bound to K: suite, usage and the full context; `bytes` is the core of SPEC 3.1. */
export interface Core {
  readonly suite: SuiteId;
  readonly usage: UsageId;
  readonly pairs: readonly Pair[];
  readonly detached: ReadonlySet<string>;
  readonly bytes: Uint8Array;
}

/** What the header says of one pair: the value is undefined where it is detached. */
export interface StoredPair {
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly value: string | undefined;
  readonly valueBytes: Uint8Array | undefined;
}

export type Expectation =
  | { readonly mode: "expected"; readonly pairs: readonly Pair[] }
  | { readonly mode: "as-stored"; readonly pairs: readonly Pair[] };

export const maxPairs = 32;
export const maxKeyBytes = 128;
export const maxValueBytes = 2048;
export const maxContextBytes = 4096;
const noPairs: readonly Pair[] = [];
const noKeys: ReadonlySet<string> = new Set();

export function isReserved(key: string): boolean {
  return key.startsWith("letterlock") || key.startsWith("aws:");
}

/** Sorted pairs of a valid context; anything else is misuse. */
export function readContext(context: unknown): readonly Pair[] {
  if (context === undefined) return noPairs;
  requirePlain(context);
  const pairs = Object.entries(context).map(([key, value]) => readPair(key, value));
  if (pairs.length === 0) return noPairs;
  if (pairs.length > maxPairs) throw new RangeError(`context has ${pairs.length} pairs; the maximum is ${maxPairs}`);
  pairs.sort((a, b) => Buffer.compare(a.keyBytes, b.keyBytes));
  const size = encodedSize(pairs);
  if (size > maxContextBytes) throw new RangeError(`context takes ${size} bytes; the maximum is ${maxContextBytes}`);
  return pairs;
}

/** The detached keys; one that the context does not have is misuse. */
export function readDetached(detached: unknown, pairs: readonly Pair[]): ReadonlySet<string> {
  if (detached === undefined) return noKeys;
  if (!Array.isArray(detached)) throw new TypeError("detached must be an array of context keys");
  const keys = new Set<string>(detached);
  for (const key of keys) {
    if (!pairs.some((pair) => pair.key === key))
      throw new TypeError(`detached names a key that the context does not have: ${JSON.stringify(key)}`);
  }
  return keys;
}

export function readExpectation(context: unknown): Expectation {
  const token = typeof context === "object" && context !== null ? detachedOf.get(context) : undefined;
  return token === undefined ? { mode: "expected", pairs: readContext(context) } : { mode: "as-stored", pairs: token };
}

export function makeCore(suite: SuiteId, usage: UsageId, pairs: readonly Pair[], detached: ReadonlySet<string>): Core {
  const full = encodePairs(pairs, (pair) => (detached.has(pair.key) ? 1 : 0), true);
  return { suite, usage, pairs, detached, bytes: concat([Uint8Array.of(suite, usage), full]) };
}

/** core as a header stores it: without the values of detached pairs. */
export function storedCore(core: Core): Uint8Array {
  if (core.detached.size === 0) return core.bytes;
  return concat([core.bytes.subarray(0, 2), encodePairs(core.pairs, (pair) => (core.detached.has(pair.key) ? 1 : 0), false)]);
}

/** SPEC 8.2 step 3. No message of a mismatch names a value. */
export function matchCore(
  header: { suite: SuiteId; usage: UsageId; pairs: readonly StoredPair[]; stored: Uint8Array },
  expectation: Expectation,
): Core {
  const { suite, usage, stored } = header;
  const pairs =
    expectation.mode === "expected" ? expectedPairs(header.pairs, expectation.pairs) : mergedPairs(header.pairs, expectation.pairs);
  const detached = header.pairs.filter(isDetached).map((pair) => pair.key);
  if (detached.length === 0) return { suite, usage, pairs, detached: noKeys, bytes: stored };
  return makeCore(suite, usage, pairs, new Set(detached));
}

/** Whether `context` is, key by key, the valid context of `core`. False where it is not, and where it needs a closer look (asStored, misuse). */
export function isContextOf(core: Core, context: unknown): boolean {
  if (context === undefined) return core.pairs.length === 0;
  if (!isPlain(context) || detachedOf.has(context) || Object.getOwnPropertySymbols(context).length > 0) return false;
  let count = 0;
  for (const key in context) {
    if (!core.pairs.some((pair) => pair.key === key && pair.value === context[key])) return false;
    count++;
  }
  return count === core.pairs.length;
}

/** The full context and the reserved pair of SPEC 6.1. `__proto__` is a key like any other here. */
export function encryptionContext(core: Core): Readonly<Record<string, string>> {
  const pairs = core.pairs.map((pair): [string, string] => [pair.key, pair.value]);
  return Object.freeze(Object.fromEntries([...pairs, ["letterlock", `1/${core.suite}/${core.usage}`]]));
}

const bindingPrefix = new Uint8Array(Buffer.from("letterlock/1 wrap\0", "latin1"));

/** A of SPEC section 4. */
export function bindingOf(core: Core): Uint8Array {
  return concat([bindingPrefix, core.bytes]);
}

function expectedPairs(stored: readonly StoredPair[], expected: readonly Pair[]): readonly Pair[] {
  if (stored.length !== expected.length) throw mismatch("the context keys differ from those of the header");
  stored.forEach((pair, i) => {
    if (pair.key !== expected[i]?.key) throw mismatch("the context keys differ from those of the header");
    if (pair.value !== undefined && pair.value !== expected[i].value)
      throw mismatch(`the value of context key ${JSON.stringify(pair.key)} differs from the header`);
  });
  return expected;
}

function mergedPairs(stored: readonly StoredPair[], supplied: readonly Pair[]): readonly Pair[] {
  const wanted = stored.filter(isDetached);
  const exact = wanted.length === supplied.length && wanted.every((pair, i) => pair.key === supplied[i]?.key);
  if (!exact) throw mismatch("asStored needs exactly the detached keys of the header");
  let next = 0;
  const pairs = stored.map((pair) => (isDetached(pair) ? (supplied[next++] as Pair) : (pair as Pair)));
  if (encodedSize(pairs) > maxContextBytes) throw mismatch(`the merged context takes more than ${maxContextBytes} bytes`);
  return pairs;
}

function isDetached(pair: StoredPair): boolean {
  return pair.value === undefined;
}

function mismatch(message: string): LetterlockError {
  return new LetterlockError("context-mismatch", message);
}

function readPair(key: string, value: unknown): Pair {
  if (typeof value !== "string") throw new TypeError(`the context value of ${JSON.stringify(key)} must be a string`);
  const keyBytes = encodeUtf8("a context key", key);
  const valueBytes = encodeUtf8(`the context value of ${JSON.stringify(key)}`, value);
  if (keyBytes.length === 0 || keyBytes.length > maxKeyBytes)
    throw new RangeError(`a context key takes 1 to ${maxKeyBytes} bytes, not ${keyBytes.length}`);
  if (valueBytes.length > maxValueBytes)
    throw new RangeError(`the context value of ${JSON.stringify(key)} takes more than ${maxValueBytes} bytes`);
  if (isReserved(key))
    throw new TypeError(`the context key ${JSON.stringify(key)} is reserved: keys must not start with "letterlock" or "aws:"`);
  return { key, keyBytes, value, valueBytes };
}

function requirePlain(value: unknown): asserts value is Record<string, unknown> {
  if (!isPlain(value)) throw new TypeError("context must be a plain object of strings");
  if (Object.getOwnPropertySymbols(value).length > 0) throw new TypeError("context must not have symbol keys");
}

/** An object literal of any realm, or one without a prototype. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return typeof prototype === "object" && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

function encodedSize(pairs: readonly Pair[]): number {
  return pairs.reduce((size, pair) => size + 4 + pair.keyBytes.length + pair.valueBytes.length, 1);
}

function encodePairs(pairs: readonly Pair[], flagOf: (pair: Pair) => 0 | 1, values: boolean): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(pairs.length)];
  for (const pair of pairs) {
    const flag = flagOf(pair);
    const length = pair.valueBytes.length;
    parts.push(Uint8Array.of(flag, pair.keyBytes.length), pair.keyBytes);
    if (values || flag === 0) parts.push(Uint8Array.of(length >> 8, length & 0xff), pair.valueBytes);
  }
  return concat(parts);
}
