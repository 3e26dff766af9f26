import type { Explanation } from "./explanation.ts";

const untrusted: readonly unknown[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** What is wrong with the certificate of a server, if that is it: waiting does not help. `authorities`: where a file of authorities is named. */
export function explainTls(error: unknown, authorities: string): Explanation | undefined {
  const { code } = error as { readonly code?: unknown };
  if (untrusted.includes(code))
    return { code: "wrong-usage", advice: `nobody here knows who signed its certificate: name the authority with ${authorities}` };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { code: "wrong-usage", advice: "its certificate is for another host" };
  if (code === "CERT_HAS_EXPIRED") return { code: "wrong-usage", advice: "its certificate has expired, or the clock here is wrong" };
  return undefined;
}
