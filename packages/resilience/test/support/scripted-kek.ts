import { randomBytes } from "node:crypto";
import { aroundKek, type Kek, type KekCall, type KekErrorCode, localKek } from "@letterlock/core";

export class ScriptedError extends Error {
  readonly kekCode: KekErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(kekCode: KekErrorCode, retryAfterMs?: number) {
    super(kekCode);
    this.kekCode = kekCode;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ScriptedKek {
  readonly kek: Kek;
  /** When each call began, in milliseconds of `performance.now()`. */
  readonly calls: number[];
  /** The next calls reject with these, in their order; afterwards they succeed. "hang" never settles, and takes no notice of the signal. */
  readonly script: (ScriptedError | "hang")[];
}

export function scriptedKek(name = "scripted"): ScriptedKek {
  const calls: number[] = [];
  const script: (ScriptedError | "hang")[] = [];
  const kek = aroundKek(
    localKek({ name, secret: new Uint8Array(randomBytes(32)) }),
    async (_operation, _call, run) => {
      calls.push(performance.now());
      const next = script.shift();
      if (next === "hang") return new Promise<never>(() => undefined);
      if (next !== undefined) throw next;
      return run();
    },
    (error) => (error instanceof ScriptedError ? error.kekCode : undefined),
  );
  const retryAfterMs = (error: unknown): number | undefined => (error instanceof ScriptedError ? error.retryAfterMs : undefined);
  return { kek: { ...kek, retryAfterMs }, calls, script };
}

export function kekCall(signal: AbortSignal = new AbortController().signal): KekCall {
  return { associatedData: new Uint8Array(32), encryptionContext: {}, suite: "aes-256-gcm", usage: "data", depth: 1, signal };
}

export function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
