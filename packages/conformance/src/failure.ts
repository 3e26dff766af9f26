import { AssertionError } from "node:assert";
import { type KekErrorCode, LetterlockError, type LetterlockErrorCode } from "@letterlock/core";

const kekCode = Symbol("letterlock.kek-error-code");

/** What a case fails with: one line for people, and what the KEK called the failure behind it, if there was one. */
export function failure(message: string, cause?: unknown, code?: KekErrorCode): AssertionError {
  const error = new AssertionError({ message });
  // Not enumerable: an error of a provider can hold the request.
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  if (code !== undefined) Object.defineProperty(error, kekCode, { value: code });
  return error;
}

/** The code that a failure of the suite, or of core, carries. */
export function codeOf(error: unknown): LetterlockErrorCode | undefined {
  if (LetterlockError.is(error)) return error.code;
  return error instanceof AssertionError ? (error as { [kekCode]?: KekErrorCode })[kekCode] : undefined;
}
