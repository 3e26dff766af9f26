import type { KekCall, Recipient, Wrapped } from "@letterlock/core";

/** What core passes to a KEK, made by hand. */
export function callFor(associatedData = "tenant=acme", signal: AbortSignal = new AbortController().signal): KekCall {
  return {
    associatedData: new TextEncoder().encode(associatedData),
    encryptionContext: {},
    suite: "aes-256-gcm",
    usage: "data",
    depth: 1,
    signal,
  };
}

export function newDataKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

export function recipientOf(keyRef: string, { wrapped, keyVersion }: Wrapped): Recipient {
  return { provider: "vault-transit", keyRef, keyVersion, wrapped };
}

export function textOf(wrapped: Uint8Array): string {
  return new TextDecoder().decode(wrapped);
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it resolved to ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
