import { serverOfError } from "./with-server.ts";

/** What keeps a client and a server from speaking TLS: nothing that a later try finds changed. */
type TlsFault = "no-tls" | "untrusted" | "expired" | "other-host";

/** Codes of Node.js and OpenSSL, and their words, which are all that gRPC passes on. */
const signs: Readonly<Record<TlsFault, RegExp>> = {
  "no-tls": /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length too long/,
  untrusted:
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|self[- ]signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate/,
  expired: /CERT_HAS_EXPIRED|certificate has expired/,
  "other-host": /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/,
};

/** Of an error or of what it wraps: clients nest no more than four. */
export function tlsFault(error: unknown, level = 0): TlsFault | undefined {
  if (typeof error !== "object" || error === null || level > 4) return undefined;
  const { code, message, cause, errors } = error as Readonly<Record<"code" | "message" | "cause" | "errors", unknown>>;
  const told = `${typeof code === "string" ? code : ""} ${typeof message === "string" ? message : ""}`;
  const found = (Object.keys(signs) as TlsFault[]).find((fault) => signs[fault].test(told));
  return found ?? tlsFault(cause, level + 1) ?? (Array.isArray(errors) ? tlsFault(errors[0], level + 1) : undefined);
}

/** What is wrong, where an error is TLS's and not the words of an answer. `code`: of the error. */
export function unreachedByTls(code: string, provider: string, error: unknown): string | undefined {
  if (code !== "provider-error" && code !== "unavailable") return undefined;
  const fault = tlsFault(error);
  return fault === undefined ? undefined : tlsAdvice(fault, provider, serverOfError(error));
}

/** What is wrong and what to do. `host`: HOST[:PORT], where it is known. */
function tlsAdvice(fault: TlsFault, provider: string, host: string | undefined): string {
  const server = host === undefined ? `the server of ${provider}` : `the server at ${host}`;
  const vault = provider === "vault-transit";
  switch (fault) {
    case "no-tls":
      return `${server} does not speak TLS: ${vault ? "for a Vault on this machine add ?tls=false" : "check the address and its port"}`;
    case "untrusted":
      return `nobody here trusts who signed the certificate of ${server}: set NODE_EXTRA_CA_CERTS to a file of trusted certificates${vault ? ", or VAULT_CACERT" : ""}`;
    case "expired":
      return `the certificate of ${server} has expired, or the clock here is wrong: have it renewed; where a new one has another signer, NODE_EXTRA_CA_CERTS names a file of trusted certificates`;
    case "other-host":
      return `the certificate of ${server} is for another host: write the host that it names; where a new one has another signer, NODE_EXTRA_CA_CERTS names a file of trusted certificates`;
  }
}
