import type { Explanation } from "./explanation.ts";
import { explainTls } from "./tls-errors.ts";

const denials: readonly string[] = [
  "AccessDenied",
  "AccessDeniedException",
  "AllAccessDisabled",
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
];
const throttles: readonly string[] = [
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "SlowDown",
  "ThrottlingException",
  "TooManyRequestsException",
];
const outages: readonly string[] = ["InternalError", "InternalServerError", "RequestTimeout", "ServiceUnavailable"];

/** `region`: how to say which one. */
export function explainAws(error: unknown, region: string): Explanation {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  const word = String(name);
  if (denials.includes(word)) return { code: "access-denied", advice: "look at the credentials of AWS and what they may do" };
  if (throttles.includes(word)) return { code: "throttled" };
  if (outages.includes(word)) return { code: "unavailable" };
  if (/^Region (is missing|not accepted)/.test(String(message)))
    return { code: "wrong-usage", advice: `say the region: ${region}, or AWS_REGION` };
  return explainTls(error, "NODE_EXTRA_CA_CERTS") ?? { code: "provider-error" };
}
