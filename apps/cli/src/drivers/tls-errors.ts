import { tlsFault } from "../keks/tls-fault.ts";
import type { Explanation } from "./explanation.ts";

/** What is wrong with the certificate of a server, if that is it: waiting does not help. `authorities`: where a file of authorities is named. */
export function explainTls(error: unknown, authorities: string): Explanation | undefined {
  const { code } = error as { readonly code?: unknown };
  // Of the code alone: a driver's words can be those of the server, or of a URL.
  const fault = tlsFault({ code });
  if (fault === "untrusted")
    return { code: "wrong-usage", advice: `nobody here knows who signed its certificate: name the authority with ${authorities}` };
  if (fault === "other-host") return { code: "wrong-usage", advice: "its certificate is for another host" };
  if (fault === "expired") return { code: "wrong-usage", advice: "its certificate has expired, or the clock here is wrong" };
  return undefined;
}
