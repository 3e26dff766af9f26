import type { KekErrorCode } from "@letterlock/core";
import { chainOf, type Fields, isUnreached, quotesNetworkCode, statusOf } from "./foreign-error.ts";
import { statusCode } from "./status-code.ts";

/** No credentials: there are none, or their source is down, as far as the error still says so. */
export function credentialsCode(error: unknown): KekErrorCode {
  const codes = chainOf(error).map(sourceCode);
  return codes.find((code) => code === "unavailable" || code === "throttled") ?? "access-denied";
}

/** The providers quote what they have met: "Server responded with status: 503", "Error: connect ECONNREFUSED". */
function sourceCode(error: Fields): KekErrorCode {
  const text = typeof error.message === "string" ? error.message : "";
  if (isUnreached(error) || /\bTimeoutError\b/.test(text) || quotesNetworkCode(text)) return "unavailable";
  const [, status] = /\bstatus: (\d{3})\b/.exec(text) ?? [];
  return statusCode(status === undefined ? statusOf(error) : Number(status));
}
