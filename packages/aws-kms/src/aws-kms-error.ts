import type { KekErrorCode } from "@letterlock/core";

interface Facts {
  readonly meaning: KekErrorCode;
  readonly name: string;
  readonly code: string | undefined;
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
}

/** What leaves the package in place of an error of the SDK: facts of a failure, and nothing of the request, the answer or the credentials. */
export class AwsKmsError extends Error {
  /** As the SDK has it: of the service ("ThrottlingException"), of a provider of credentials ("CredentialsProviderError") or of this machine ("TimeoutError"). */
  override readonly name: string;
  readonly meaning: KekErrorCode;
  /** Of the operating system: "ECONNRESET". */
  readonly code: string | undefined;
  /** Of the HTTP answer. */
  readonly statusCode: number | undefined;
  /** What CloudTrail calls the request. */
  readonly requestId: string | undefined;
  /** The same call can succeed later: `meaning` is "throttled" or "unavailable". */
  readonly retryable: boolean;

  constructor(message: string, { name, meaning, code, statusCode, requestId }: Facts) {
    super(message);
    this.name = name;
    this.meaning = meaning;
    this.code = code;
    this.statusCode = statusCode;
    this.requestId = requestId;
    this.retryable = meaning === "throttled" || meaning === "unavailable";
  }
}
