import type { KekCall } from "@letterlock/core";

/** What core gives a KEK for the context `{ tenant: "acme" }`. */
export function kekCall(change: Partial<KekCall> = {}): KekCall {
  return {
    associatedData: new Uint8Array([1]),
    encryptionContext: { tenant: "acme", letterlock: "1/1/1" },
    suite: "aes-256-gcm",
    usage: "data",
    depth: 1,
    signal: new AbortController().signal,
    ...change,
  };
}

export function newDataKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32)));
}
