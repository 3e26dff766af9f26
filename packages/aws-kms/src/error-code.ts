import type { KekErrorCode } from "@letterlock/core";
import { isAwsKmsError } from "./aws-kms-error.ts";
import { credentialsCode } from "./credentials-code.ts";
import { chainOf, fieldsOf, isUnreached, statusOf } from "./foreign-error.ts";
import { Refusal } from "./refusal.ts";
import { statusCode } from "./status-code.ts";

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
    // Of STS: it did not reach the identity provider of a web identity.
    "IDPCommunicationError",
    "IDPCommunicationErrorException",
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

/** Thrown on this machine. */
const ofCredentials: readonly unknown[] = ["CredentialsProviderError", "TokenProviderError", "ProviderError"];

/** What an error of the KEK or of the SDK means. Where its name says nothing, as with a gateway's HTML page, the status of the answer does. */
export function errorCode(error: unknown): KekErrorCode {
  if (error instanceof Refusal) return error.code;
  if (isAwsKmsError(error)) return error.meaning;
  const { name } = fieldsOf(error);
  if (ofCredentials.includes(name)) return credentialsCode(error);
  for (const [meaning, known] of Object.entries(names)) if (known.includes(String(name))) return meaning as KekErrorCode;
  return chainOf(error).some(isUnreached) ? "unavailable" : statusCode(statusOf(error));
}
