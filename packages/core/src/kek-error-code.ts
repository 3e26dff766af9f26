import { isKekErrorCode, type KekErrorCode } from "./error.ts";
import type { KekIdentity } from "./kek.ts";

/**
 * What an error of a KEK means: network errors of the operating system and TimeoutError are "unavailable", whatever the provider; the rest is
 * `kek.errorCode`, and "provider-error" where that throws or names no code. What decorators use to classify.
 */
export function kekErrorCode(kek: KekIdentity, error: unknown): KekErrorCode {
  if (isNetworkError(error, 0)) return "unavailable";
  try {
    const code: unknown = kek.errorCode(error);
    return isKekErrorCode(code) ? code : "provider-error";
  } catch {
    return "provider-error";
  }
}

// errno(3) names that libuv and the resolver report for a peer that is not reached, and those of undici (its docs/api/Errors.md).
const networkCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "ETIMEDOUT",
  "ESOCKETTIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** `fetch` hides the network error in `cause`, a dual-stack connect in `errors`. Four levels are more than any client nests. */
function isNetworkError(error: unknown, level: number): boolean {
  if (typeof error !== "object" || error === null || level > 4) return false;
  try {
    const { code, name, cause, errors } = error as { code?: unknown; name?: unknown; cause?: unknown; errors?: unknown };
    if (networkCodes.has(code) || name === "TimeoutError") return true;
    if (isNetworkError(cause, level + 1)) return true;
    return Array.isArray(errors) && errors.length > 0 && errors.every((inner) => isNetworkError(inner, level + 1));
  } catch {
    return false;
  }
}
