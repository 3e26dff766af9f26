import { usage } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import { authorityText, parseAuthority, refuseCredentials } from "./uri-authority.ts";

export interface VaultTransitUri {
  readonly provider: "vault-transit";
  readonly endpoint: string;
  readonly mount: string;
  readonly keyName: string;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly derived: boolean;
}

type Parameter = "cluster" | "derived" | "namespace" | "tls";

const parameters: Readonly<Record<Parameter, { readonly pattern: RegExp; readonly example: string }>> = {
  cluster: { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, example: "cluster=NAME" },
  derived: { pattern: /^(true|false)$/, example: "derived=true" },
  namespace: { pattern: /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, example: "namespace=NAME" },
  tls: { pattern: /^(true|false)$/, example: "tls=false" },
};

const example = "vault-transit://HOST[:PORT]/MOUNT/KEY";
const segment = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** `rest`: what follows "vault-transit://". A mount may have several segments: the last one of the path is the key. */
export function parseVaultTransitUri(rest: string): VaultTransitUri {
  refuseCredentials(rest, "vault-transit", example);
  const question = rest.indexOf("?");
  const [where, query] = question < 0 ? [rest, undefined] : [rest.slice(0, question), rest.slice(question + 1)];
  const [host = "", ...path] = where.split("/");
  const authority = parseAuthority(host, "vault-transit", example);
  if (path.length < 2 || !path.every((part) => segment.test(part))) {
    throw usage(`vault-transit: the path is MOUNT/KEY, of letters, digits, dots, dashes and underscores: write ${example}`);
  }
  const given = parseQuery(query);
  // The data key and the token would travel in clear.
  if (given.tls === "false" && !authority.loopback) {
    throw usage(
      `vault-transit: tls=false is for this machine alone (127.0.0.1, localhost, [::1]): without TLS, the token and data keys can be read on the way to ${authority.host}`,
    );
  }
  return {
    provider: "vault-transit",
    endpoint: `${given.tls === "false" ? "http" : "https"}://${authorityText(authority)}`,
    mount: path.slice(0, -1).join("/"),
    keyName: path.at(-1) ?? "",
    cluster: given.cluster,
    namespace: given.namespace,
    derived: given.derived === "true",
  };
}

function parseQuery(query: string | undefined): Partial<Readonly<Record<Parameter, string>>> {
  if (query === undefined) return {};
  const given: Partial<Record<Parameter, string>> = {};
  for (const pair of query.split("&")) {
    const [name = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    if (!isParameter(name)) {
      throw usage(`vault-transit: ?${printable(name)} is unknown: it takes ${Object.keys(parameters).join(", ")}`);
    }
    if (given[name] !== undefined) throw usage(`vault-transit: ${name} is given twice`);
    if (!parameters[name].pattern.test(value)) throw usage(`vault-transit: ${printable(pair)}: write ${parameters[name].example}`);
    given[name] = value;
  }
  return given;
}

function isParameter(name: string): name is Parameter {
  return Object.hasOwn(parameters, name);
}
