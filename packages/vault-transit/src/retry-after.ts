/** Of a Retry-After header, seconds or a date (RFC 9110, section 10.2.3): milliseconds. */
export function retryAfterIn(header: string | readonly string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
