import type { KekErrorCode } from "@letterlock/core";
import { errorMeaning } from "./error-meaning.ts";
import { factsOf, type KmsOperation } from "./failure-facts.ts";
import { statusNames } from "./status.ts";

/** What the KEK throws: facts of a failure, and nothing of the request. */
export interface CloudKmsError extends Error {
  readonly name: "CloudKmsError";
  readonly meaning: KekErrorCode;
  /** The number of google.rpc.Code, or an error of the operating system ("ECONNRESET"). */
  readonly code: number | string | undefined;
  /** Of google.rpc.ErrorInfo: "RATE_LIMIT_EXCEEDED". */
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type Facts = Partial<Pick<CloudKmsError, "code" | "reason" | "retryAfterMs">>;

export function cloudKmsError(meaning: KekErrorCode, message: string, { code, reason, retryAfterMs }: Facts = {}): CloudKmsError {
  return Object.assign(new Error(message), { name: "CloudKmsError" as const, meaning, code, reason, retryAfterMs });
}

/** The facts of an error of the SDK, without the error. */
export function cleanError(operation: KmsOperation, keyName: string, error: unknown): CloudKmsError {
  const facts = factsOf(error, operation, keyName);
  const { status, systemCode, text, reason, retryAfterMs } = facts;
  const kind = status === undefined ? (systemCode ?? "no status") : (statusNames[status] ?? status);
  return cloudKmsError(errorMeaning(facts), `${operation} failed: ${kind}, ${text.slice(0, 1000)}`, {
    code: status ?? systemCode,
    reason,
    retryAfterMs,
  });
}

/** Of an error of the SDK as well, as far as it can be told without knowing the call. */
export function errorCode(error: unknown): KekErrorCode {
  return isCloudKmsError(error) ? error.meaning : errorMeaning(factsOf(error));
}

export function retryAfterMs(error: unknown): number | undefined {
  return isCloudKmsError(error) ? error.retryAfterMs : factsOf(error).retryAfterMs;
}

function isCloudKmsError(error: unknown): error is CloudKmsError {
  return error instanceof Error && error.name === "CloudKmsError" && "meaning" in error;
}
