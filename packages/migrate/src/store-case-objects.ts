import { strictEqual } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { toText } from "@letterlock/core";
import type { EnvelopeStore, StoredObject } from "./envelope-store.ts";
import type { StoreSubject } from "./store-subject.ts";

/** What looks like an envelope: 96 DA E5 12 and then anything; as text where the store takes nothing else. The store does not look inside. */
export function anObject({ textOnly }: StoreSubject, bytes = 200): Uint8Array {
  const object = Buffer.concat([Uint8Array.of(0x96, 0xda, 0xe5, 0x12), randomBytes(bytes - 4)]);
  return textOnly === true ? Buffer.from(toText(object)) : new Uint8Array(object);
}

export async function* everything(store: EnvelopeStore, parts = 1): AsyncGenerator<StoredObject> {
  for (const partition of await store.partitions(parts)) yield* store.scan(partition, {});
}

export async function idsOf(store: EnvelopeStore, parts = 1): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of everything(store, parts)) ids.push(id);
  return ids;
}

/** As a scan finds it. */
export async function found(store: EnvelopeStore, id: string): Promise<StoredObject> {
  for await (const object of everything(store)) if (object.id === id) return object;
  throw new Error(`the scan does not list ${JSON.stringify(id)}`);
}

export function sameBytes(actual: Uint8Array | undefined, expected: Uint8Array, message?: string): void {
  strictEqual(actual !== undefined && Buffer.compare(actual, expected) === 0, true, message ?? "other bytes than were written");
}

export const oddNames: readonly string[] = [
  "with spaces ",
  " ",
  "%2e%2e%2f",
  "a'b\"c`d\\e",
  "a;DROP TABLE b--",
  "line\nbreak\r\ttab",
  "ümlaut",
  "u\u0308mlaut",
  "日本語",
  "😀",
  "\u202eright to left",
  "__proto__",
  "constructor",
  "-rf",
  "*?[a-z]",
  "...",
  "null",
  "0",
  "00",
  "1e3",
  "a,b",
  "{}",
  "$1",
  "~",
  "CON",
  "x".repeat(200),
];
