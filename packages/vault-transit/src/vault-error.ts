import type { KekErrorCode } from "@letterlock/core";

interface VaultErrorFacts {
  /** Of the answer; undefined where there was none. */
  readonly status?: number | undefined;
  /** Of the operating system, Node or undici: "ECONNREFUSED". */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * What went wrong between this process and Vault. It has no cause and holds nothing of the request or the answer but Vault's own words about the failure:
 * the errors of HTTP clients hold the token and the data key.
 */
export class VaultError extends Error {
  /** What it means to a caller of Letterlock. */
  readonly meaning: KekErrorCode;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(meaning: KekErrorCode, message: string, facts: VaultErrorFacts = {}) {
    super(message);
    this.name = "VaultError";
    this.meaning = meaning;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** There was no answer. The code is the operating system's, of which core knows what it means. */
export function notReached(path: string, code: string | undefined): VaultError {
  const told = code === undefined ? "the client failed before there was an answer" : code;
  return new VaultError("provider-error", `vault could not be asked for ${path}: ${told}`, { code });
}

/** For each of several callers that one failure concerns. */
export function copyOf(error: VaultError): VaultError {
  return new VaultError(error.meaning, error.message, error);
}

/** Network errors and time-outs carry their `code`, which core knows. */
export function errorCode(error: unknown): KekErrorCode {
  return error instanceof VaultError ? error.meaning : "provider-error";
}

export function retryAfterMs(error: unknown): number | undefined {
  return error instanceof VaultError ? error.retryAfterMs : undefined;
}
