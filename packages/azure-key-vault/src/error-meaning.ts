import type { KekErrorCode } from "@letterlock/core";

/** The operations of the service that a KEK uses. */
export type KeyVaultOperation = "wrapKey" | "unwrapKey" | "encrypt" | "decrypt" | "getKey";

/** What is known of a failure. `fromVault`: it is the vault's own answer, and not that of the service which gives tokens. */
export interface FailureFacts {
  readonly operation: KeyVaultOperation;
  readonly name: string | undefined;
  readonly message: string;
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly statusCode: number | undefined;
  readonly fromVault: boolean;
  /** The answer is worded as the service words its failures: not the page of a gateway, whose 404 is not the key's. */
  readonly worded: boolean;
}

// @azure/identity, src/errors.ts.
const credentialErrors: ReadonlySet<string | undefined> = new Set([
  "CredentialUnavailableError",
  "AuthenticationRequiredError",
  "AuthenticationError",
  "AggregateAuthenticationError",
]);

const unusableInnerCodes: ReadonlySet<string | undefined> = new Set([
  "KeyDisabled",
  "KeyExpired",
  "KeyNotYetValid",
  "KeyOperationForbidden",
]);

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes, and the table in README.md. */
export function errorMeaning(facts: FailureFacts): KekErrorCode {
  const { operation, name, code, statusCode, fromVault, worded } = facts;
  if (isCredentialError(name) || (statusCode !== undefined && !fromVault)) return ofCredential(facts);
  if (statusCode === undefined) return name === "AbortError" || code === "REQUEST_SEND_ERROR" ? "unavailable" : ofLocalCheck(facts);
  if (!worded && (statusCode === 400 || statusCode === 404 || statusCode === 409)) return "provider-error";
  if (statusCode === 400) return ofBadParameter(facts, operation === "unwrapKey" || operation === "decrypt");
  if (statusCode === 401) return "access-denied";
  if (statusCode === 403) return worded && isUnusable(facts) ? "kek-unusable" : "access-denied";
  if (statusCode === 404) return "kek-not-found";
  if (statusCode === 409) return "kek-unusable";
  if (statusCode === 429) return "throttled";
  return statusCode === 408 || statusCode >= 500 ? "unavailable" : "provider-error";
}

export function isCredentialError(name: string | undefined): boolean {
  return credentialErrors.has(name);
}

/** No token: refused, or the service that gives them was not reached; MSAL has these words for that. */
function ofCredential({ statusCode = 0, message }: FailureFacts): KekErrorCode {
  if (statusCode === 429) return "throttled";
  const unreached = /^network_error\b|\bendpoints_resolution_error\b/.test(message);
  return unreached || statusCode === 408 || statusCode >= 500 ? "unavailable" : "access-denied";
}

/** The service has one answer for a value that it cannot open, and others for a key of another type. */
function ofBadParameter({ message }: FailureFacts, opens: boolean): KekErrorCode {
  if (/algorithm/i.test(message) && /not supported|combination/i.test(message)) return "kek-unusable";
  return opens ? "not-authentic" : "provider-error";
}

function isUnusable({ innerCode, message }: FailureFacts): boolean {
  return unusableInnerCodes.has(innerCode) || /\b(disabled|expired) key\b|\bnot yet valid\b|\bnot permitted on this key\b/i.test(message);
}

/** What the SDK says before it sends anything: of a token that it was not given, or of a key that it has read. */
function ofLocalCheck({ message }: FailureFacts): KekErrorCode {
  if (message === "Failed to refresh access token.") return "access-denied";
  return /\bexpired at\b|\bcan't be used before\b|\bis not supported on key\b/.test(message) ? "kek-unusable" : "provider-error";
}
