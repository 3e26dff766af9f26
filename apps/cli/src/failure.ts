/** What the command itself refuses or cannot do; everything that is about sealed bytes or KEKs is a LetterlockError of core. */
export type FailureCode = "usage" | "exists" | "changed" | "not-conforming" | "incomplete" | "io-error" | "interrupted" | "unexpected";

export interface Failure extends Error {
  readonly failure: FailureCode;
}

export function failure(code: FailureCode, message: string, cause?: unknown): Failure {
  return Object.assign(new Error(message, { cause }), { failure: code });
}

export function usage(message: string): Failure {
  return failure("usage", message);
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && "failure" in error;
}
