import type { Explanation } from "./explanation.ts";
import { explainTls } from "./tls-errors.ts";

/** Errors of Redis begin with a word in capitals. `rights`: what the user needs. */
export function explainRedis(error: unknown, rights: string): Explanation {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message);
  if (/WRONGPASS|NOAUTH|invalid password/.test(text)) return { code: "access-denied", advice: "the user or the password is wrong" };
  if (/NOPERM/.test(text)) return { code: "access-denied", advice: rights };
  if (/^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN)\b/.test(text)) return { code: "unavailable" };
  const tls = explainTls(error, "NODE_EXTRA_CA_CERTS");
  if (tls !== undefined) return tls;
  if (/timed? ?out|connection is closed|retries per request/i.test(text) || code !== undefined) return { code: "unavailable" };
  return { code: "provider-error" };
}
