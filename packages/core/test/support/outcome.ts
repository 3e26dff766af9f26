import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { LetterlockError, type LetterlockErrorCode } from "../../src/index.ts";
import type { Vector } from "./vector-file.ts";

/** How a call ended, in the words of the vectors. Anything that is neither a LetterlockError nor core's own argument error is thrown on. */
export type Outcome =
  | { readonly result: "valid"; readonly value: unknown }
  | { readonly result: "invalid"; readonly error: LetterlockErrorCode }
  | { readonly result: "misuse" };

export async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { result: "valid", value: comparable(await run()) };
  } catch (error) {
    if (LetterlockError.is(error)) return { result: "invalid", error: error.code };
    if (isCoreMisuse(error)) return { result: "misuse" };
    throw error;
  }
}

/** What a vector says that the call must end with; `value` is what a valid one gives. */
export function expectedOutcome(vector: Vector, value?: () => unknown): Outcome {
  if (vector.result === "valid") return { result: "valid", value: comparable(value?.()) };
  if (vector.result === "misuse") return { result: "misuse" };
  if (vector.error === undefined) throw new Error(`${vector.id} is invalid without an error`);
  return { result: "invalid", error: vector.error };
}

/** Long byte strings compare by digest: a difference of 100,000 array elements is neither fast nor readable. */
function comparable(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  if (value.length <= 4096) return Buffer.from(value).toString("hex");
  return `${value.length} bytes, SHA-256 ${createHash("sha256").update(value).digest("hex")}`;
}

/** A TypeError that the test causes, or one that the engine throws because core has a fault, is no proof. */
function isCoreMisuse(error: unknown): boolean {
  if (!(error instanceof TypeError || error instanceof RangeError)) return false;
  if (/is not a function|is not iterable|of undefined|of null/.test(error.message)) return false;
  const thrownAt = error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "";
  return thrownAt.includes("/core/src/");
}
