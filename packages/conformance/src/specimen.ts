import assert from "node:assert/strict";
import type { Context, Kek, KekCall, KekUnwrapper, KekWrapper, Recipient, Wrapped } from "@letterlock/core";
import { capturedCall } from "./captured-call.ts";
import { succeeded } from "./settled.ts";
import type { KeyName } from "./subject.ts";
import type { Trial } from "./trial.ts";

/** A data key, wrapped, and everything that belongs to it. */
export interface Specimen {
  readonly dataKey: Uint8Array;
  readonly call: KekCall;
  readonly recipient: Recipient;
  readonly wrapper: KekWrapper;
  readonly unwrapper: KekUnwrapper;
}

export const tenant: Context = Object.freeze({ tenant: "acme" });

export function newDataKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32)));
}

/** Wraps a new data key under key a, or b, for a context. */
export async function specimen(
  trial: Trial,
  options: { readonly key?: KeyName; readonly context?: Context; readonly pair?: Pick<Specimen, "wrapper" | "unwrapper"> } = {},
): Promise<Specimen> {
  const { key = "a", context = tenant } = options;
  const pair = options.pair ?? (await trial.pair(key));
  const dataKey = newDataKey();
  const call = await capturedCall({ context });
  return { ...pair, dataKey, call, recipient: recipientOf(pair.wrapper, await wrap(trial, pair.wrapper, dataKey, call)) };
}

/** Wraps a copy, because core zeroes the buffer that it gives. */
export async function wrap(trial: Trial, kek: KekWrapper, dataKey: Uint8Array, call: KekCall): Promise<Wrapped> {
  const given = Uint8Array.from(dataKey);
  const wrapped = await succeeded(trial, kek, "wrap", () => kek.wrap(given, call));
  given.fill(0);
  requireWrapped("wrap", wrapped);
  return { ...wrapped, wrapped: Uint8Array.from(wrapped.wrapped) };
}

/** Unwraps, and zeroes what the KEK returned, as core does. */
export async function unwrap(trial: Trial, kek: KekUnwrapper, recipient: Recipient, call: KekCall): Promise<Uint8Array> {
  const returned = await succeeded(trial, kek, "unwrap", () => kek.unwrap(recipient, call));
  assert.ok(returned instanceof Uint8Array, "unwrap did not return a Uint8Array");
  const dataKey = Uint8Array.from(returned);
  returned.fill(0);
  return dataKey;
}

/** What was wrapped opens and gives its data key. `how` finishes "unwrap gave another data key ...". */
export async function requireOpens(
  trial: Trial,
  kek: KekUnwrapper,
  { recipient, call, dataKey }: Pick<Specimen, "recipient" | "call" | "dataKey">,
  how: string,
): Promise<void> {
  requireSame(await unwrap(trial, kek, recipient, call), dataKey, `unwrap gave another data key ${how}`);
}

/** Compares without printing: a message never holds a key. */
export function requireSame(actual: Uint8Array, expected: Uint8Array, message: string): void {
  const length = actual.length === expected.length ? "" : ` (${actual.length} bytes instead of ${expected.length})`;
  assert.ok(same(actual, expected), message + length);
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export function recipientOf(kek: Pick<Kek, "provider" | "keyRef">, { wrapped, keyVersion }: Wrapped): Recipient {
  return { provider: kek.provider, keyRef: kek.keyRef, keyVersion, wrapped };
}

/** What a header can hold (SPEC section 3). */
export function requireWrapped(operation: string, value: Wrapped): void {
  assert.ok(typeof value === "object" && value !== null, `${operation} did not return an object`);
  const { wrapped, keyVersion } = value;
  assert.ok(wrapped instanceof Uint8Array, `${operation} did not return wrapped as a Uint8Array`);
  assert.ok(
    wrapped.length >= 1 && wrapped.length <= 2048,
    `${operation} returned ${wrapped.length} wrapped bytes; a header holds 1 to 2048`,
  );
  if (keyVersion === undefined) return;
  assert.ok(
    typeof keyVersion === "string" && /^[\x21-\x7e]{1,255}$/.test(keyVersion),
    `${operation} returned a keyVersion that is not 1 to 255 visible ASCII characters`,
  );
}
