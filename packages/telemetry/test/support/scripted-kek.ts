import { randomBytes } from "node:crypto";
import { aroundKek, type Kek, type KekCall, type KekErrorCode, localKek } from "@letterlock/core";

export class ScriptedError extends Error {
  readonly kekCode: KekErrorCode;

  constructor(kekCode: KekErrorCode, message: string = kekCode) {
    super(message);
    this.kekCode = kekCode;
  }
}

/** A KEK whose next calls reject with what stands in `script`. "hang" waits for the signal. */
export function scriptedKek(name = "scripted"): { readonly kek: Kek; readonly script: (unknown | "hang")[] } {
  const script: (unknown | "hang")[] = [];
  const kek = aroundKek(
    localKek({ name, secret: new Uint8Array(randomBytes(32)) }),
    async (_operation, { signal }, run) => {
      const next = script.shift();
      if (next === "hang") return new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      if (next !== undefined) throw next;
      return run();
    },
    (error) => (error instanceof ScriptedError ? error.kekCode : undefined),
  );
  return { kek, script };
}

export function kekCall(signal: AbortSignal = new AbortController().signal): KekCall {
  return { associatedData: new Uint8Array(32), encryptionContext: {}, suite: "aes-256-gcm", usage: "data", depth: 1, signal };
}
