import {
  type KekErrorCode,
  type KekUnwrapper,
  type KekWrapper,
  kekErrorCode,
  LetterlockError,
  type LetterlockErrorCode,
} from "@letterlock/core";
import type { Attributes } from "@opentelemetry/api";

/** How something ended. "aborted": the caller left. "timeout": the caller's own deadline. "_OTHER": an error that is not Letterlock's, such as misuse. */
export type Code = "ok" | LetterlockErrorCode | "aborted" | "timeout" | "_OTHER";

export function codeOfCall(kek: KekWrapper | KekUnwrapper, error: unknown, signal: AbortSignal): KekErrorCode | "aborted" | "timeout" {
  return left(signal) ?? kekErrorCode(kek, error);
}

export function codeOfError(error: unknown, signal: AbortSignal | undefined): Code {
  return left(signal) ?? (LetterlockError.is(error) ? error.code : "_OTHER");
}

/** Whether somebody should look into it. A caller who leaves is no failure. */
export function isFailure(code: Code): boolean {
  return code !== "ok" && code !== "aborted";
}

/** `error.type` is the semantic conventions' word, and absent where nothing failed. */
export function codeAttributes(code: Code): Attributes {
  return { "letterlock.code": code, ...(isFailure(code) ? { "error.type": code } : {}) };
}

function left(signal: AbortSignal | undefined): "aborted" | "timeout" | undefined {
  if (signal?.aborted !== true) return undefined;
  const { reason } = signal as { readonly reason: unknown };
  return reason instanceof DOMException && reason.name === "TimeoutError" ? "timeout" : "aborted";
}
