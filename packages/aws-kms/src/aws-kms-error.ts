import type { KekErrorCode } from "@letterlock/core";

/** What leaves the package in place of an error of the SDK: facts of a failure, and nothing of the request, the answer or the credentials. */
export interface AwsKmsError extends Error {
  /** As the SDK has it: of the service ("ThrottlingException"), of a provider of credentials ("CredentialsProviderError") or of this machine ("TimeoutError"). */
  readonly name: string;
  readonly meaning: KekErrorCode;
  /** Of the operating system: "ECONNRESET". */
  readonly code: string | undefined;
  /** Of the HTTP answer. */
  readonly statusCode: number | undefined;
  /** What CloudTrail calls the request. */
  readonly requestId: string | undefined;
  /** The same call can succeed later: `meaning` is "throttled" or "unavailable". */
  readonly retryable: boolean;
}

type Facts = Pick<AwsKmsError, "name" | "meaning" | "code" | "statusCode" | "requestId">;

export function awsKmsError(message: string, { name, meaning, code, statusCode, requestId }: Facts): AwsKmsError {
  const retryable = meaning === "throttled" || meaning === "unavailable";
  return Object.assign(new Error(message), { name, meaning, code, statusCode, requestId, retryable });
}

export function isAwsKmsError(error: unknown): error is AwsKmsError {
  return error instanceof Error && "meaning" in error && "retryable" in error;
}
