import type { KekErrorCode } from "@letterlock/core";

/** What the KEKs of this package throw: facts of a failure, and nothing of the request or of the answer. */
export interface KeyVaultError extends Error {
  readonly name: "KeyVaultError";
  readonly meaning: KekErrorCode;
  /** Of the operating system, of TLS or of the service: "ECONNREFUSED", "Forbidden". */
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly statusCode: number | undefined;
  /** For Microsoft's support. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type Facts = Partial<Omit<KeyVaultError, "name" | "message" | "stack" | "cause">>;

export function keyVaultError(meaning: KekErrorCode, message: string, facts: Facts = {}): KeyVaultError {
  const { code, innerCode, statusCode, requestId, retryAfterMs } = facts;
  const name = "KeyVaultError" as const;
  return Object.assign(new Error(message), { name, meaning, code, innerCode, statusCode, requestId, retryAfterMs });
}

export function errorCode(error: unknown): KekErrorCode {
  return isKeyVaultError(error) ? error.meaning : "provider-error";
}

export function retryAfterMs(error: unknown): number | undefined {
  return isKeyVaultError(error) ? error.retryAfterMs : undefined;
}

function isKeyVaultError(error: unknown): error is KeyVaultError {
  return error instanceof Error && error.name === "KeyVaultError" && "meaning" in error;
}
