import type { Kek, KekCall, Recipient } from "@letterlock/core";

/** A call as core makes it. */
export function kekCall(signal: AbortSignal = new AbortController().signal): KekCall {
  return {
    associatedData: Buffer.from("letterlock/1 wrap\0test"),
    encryptionContext: { letterlock: "1/1/1" },
    suite: "aes-256-gcm",
    usage: "data",
    depth: 1,
    signal,
  };
}

export async function wrappedBy(kek: Kek, dataKey: Uint8Array): Promise<Recipient> {
  return { provider: kek.provider, keyRef: kek.keyRef, ...(await kek.wrap(dataKey, kekCall())) };
}

export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (reason: unknown) => reason,
  );
}
