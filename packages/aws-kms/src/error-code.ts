import type { KekErrorCode } from "@letterlock/core";
import { Refusal } from "./refusal.ts";

/** By `name`, because the SDK has no class for the most frequent one, ThrottlingException, and `$retryable` is not set for it. */
const names: Readonly<Record<KekErrorCode, readonly string[]>> = {
  "access-denied": [
    "AccessDeniedException",
    "AccessDenied",
    "NotAuthorizedException",
    "InvalidGrantTokenException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "OptInRequired",
    // Thrown on this machine, by the providers of credentials.
    "CredentialsProviderError",
    "TokenProviderError",
    "ProviderError",
  ],
  "kek-not-found": ["NotFoundException", "InvalidArnException"],
  "kek-unusable": ["DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException"],
  "not-authentic": ["InvalidCiphertextException", "IncorrectKeyException"],
  // LimitExceededException too: SPEC section 9 has one code for rate and quota, and a quota can be raised or freed.
  throttled: [
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
    "SlowDown",
    "LimitExceededException",
  ],
  unavailable: [
    "KMSInternalException",
    "DependencyTimeoutException",
    "KeyUnavailableException",
    "InternalFailure",
    "InternalError",
    "InternalServerError",
    "InternalServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
    "RequestTimeoutException",
  ],
  // Known, and no better word: a request that the service does not take, or the answer to a dry run, which the adapter never asks for.
  "provider-error": [
    "ValidationException",
    "SerializationException",
    "UnsupportedOperationException",
    "UnknownOperationException",
    "DryRunOperationException",
  ],
};

/** What an error of the SDK means. Where its name says nothing, as with a gateway's HTML page, the status of the answer does. */
export function errorCode(error: unknown): KekErrorCode {
  if (error instanceof Refusal) return error.code;
  if (typeof error !== "object" || error === null) return "provider-error";
  const { name, $metadata } = error as { readonly name?: unknown; readonly $metadata?: { readonly httpStatusCode?: unknown } | null };
  for (const [code, known] of Object.entries(names)) if (known.includes(String(name))) return code as KekErrorCode;
  return statusCode($metadata?.httpStatusCode);
}

function statusCode(status: unknown): KekErrorCode {
  if (status === 401 || status === 403) return "access-denied";
  // 509 is what some gateways say for a bandwidth limit.
  if (status === 429 || status === 509) return "throttled";
  return status === 408 || (typeof status === "number" && status >= 500) ? "unavailable" : "provider-error";
}
