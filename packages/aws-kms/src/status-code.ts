import type { KekErrorCode } from "@letterlock/core";

/** What the status of an HTTP answer means, where nothing says more. */
export function statusCode(status: number | undefined): KekErrorCode {
  if (status === 401 || status === 403) return "access-denied";
  // 509 is what some gateways say for a bandwidth limit.
  if (status === 429 || status === 509) return "throttled";
  return status === 408 || (status !== undefined && status >= 500) ? "unavailable" : "provider-error";
}
