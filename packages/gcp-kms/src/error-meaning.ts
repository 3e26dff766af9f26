import type { KekErrorCode } from "@letterlock/core";
import type { FailureFacts } from "./failure-facts.ts";

/** By the number of google.rpc.Code; INVALID_ARGUMENT and RESOURCE_EXHAUSTED have a closer look. The table in README.md. */
const meanings: Readonly<Record<number, KekErrorCode>> = {
  1: "unavailable", // CANCELLED: by the other side, since our own ends the call with another error
  4: "unavailable", // DEADLINE_EXCEEDED
  5: "kek-not-found",
  7: "access-denied",
  8: "throttled",
  9: "kek-unusable", // FAILED_PRECONDITION: a version that is not enabled, a key of another purpose
  10: "unavailable", // ABORTED
  13: "unavailable", // INTERNAL
  14: "unavailable",
  16: "access-denied",
};

export function errorMeaning(facts: FailureFacts): KekErrorCode {
  const { status, systemCode, unreadable, text } = facts;
  // A key may have any of these words as its name.
  if (isOfCredentials(text.replaceAll(/projects\/\S+/g, "")) || isOfFile(systemCode)) return ofCredentials(facts);
  if (status === 3) return ofInvalidArgument(facts);
  // What grpc-js says of its own limit has the status of a quota.
  if (status === 8 && /\bmessage\b.*\blarger than\b/i.test(text)) return "provider-error";
  if (status === undefined) return unreadable || isOfTransport(systemCode) ? "unavailable" : "provider-error";
  return meanings[status] ?? "provider-error";
}

/** Where a ciphertext was sent, it is wrong, or its AAD is; unless the service says that it received other bytes than were sent. */
function ofInvalidArgument({ operation, text, reason = "" }: FailureFacts): KekErrorCode {
  // google/api/error_reason.proto: API_KEY_INVALID, which has this status, and its like.
  if (reason.startsWith("API_KEY_")) return "access-denied";
  // In the service's own words: a quoted request holds the names of the checksums too, and a changed ciphertext must not be sent again for ever.
  if (/^[^{"]*(checksum|_crc32c)\b/i.test(text)) return "unavailable";
  return operation === "decrypt" || (operation === undefined && /^Decryption failed/.test(text)) ? "not-authentic" : "provider-error";
}

/** errno(3), the resolver, TLS, undici, a body that was cut, and what a decorated client may say of its own time limit. */
const transportCodes =
  /\b(ECONN\w+|E(HOST|NET)\w+|ENOTFOUND|EAI_\w+|ETIMEDOUT|EPIPE|EPROTO|ERR_(STREAM|SSL|TLS)_\w+|UND_ERR_\w+|TimeoutError|AbortError)\b/;

/** What google-gax 6 calls UNAVAILABLE, and google-gax 5 passes on. */
function isOfTransport(systemCode: string | undefined): boolean {
  return systemCode !== undefined && transportCodes.test(systemCode);
}

/** RFC 6749, section 5.2; texts of google-auth-library 9 to 11; what grpc-js says when no token could be fetched. */
function isOfCredentials(text: string): boolean {
  return (
    /\b(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type)\b/.test(text) ||
    /^Getting metadata from plugin failed|default credentials|(access|refresh) token|impersonate|credential(s)? file|universe domain/i.test(
      text,
    ) ||
    /client_email|private_key|^The file at .* (does not exist|is not a file)/.test(text)
  );
}

/** The SDK reads no other file. */
function isOfFile(systemCode: string | undefined): boolean {
  return systemCode === "ENOENT" || systemCode === "EACCES" || systemCode === "EISDIR";
}

/** No token: refused, or the service that gives tokens cannot be reached. */
function ofCredentials({ status, systemCode, text }: FailureFacts): KekErrorCode {
  if (status === 8) return "throttled";
  const unreachable = isOfTransport(systemCode) || transportCodes.test(text);
  return unreachable || status === 4 || status === 13 || status === 14 ? "unavailable" : "access-denied";
}
