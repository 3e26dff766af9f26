import type { ConnectionOptions } from "node:tls";
import { requireMilliseconds, requireOptions } from "./require-option.ts";

/** Or what gives it, before every request: for a token that is renewed or replaced. */
export type VaultToken = string | (() => string | Promise<string>);

export interface VaultClientOptions {
  /** "https://vault.example:8200". A path before "/v1" is kept. */
  readonly endpoint: string;
  /** Leave it out to log in, which is the only request without a token. */
  readonly token?: VaultToken;
  /** "team" or "team/part", sent as X-Vault-Namespace. */
  readonly namespace?: string | undefined;
  /** PEM of the authorities to trust instead of the usual ones. */
  readonly ca?: ConnectionOptions["ca"];
  /** For a whole request; 10,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Connections at the same time, kept open and used again; 32 by default. */
  readonly connections?: number | undefined;
  /** Lets a token and data keys travel in clear to another machine than this one. */
  readonly allowHttp?: boolean | undefined;
}

export interface ClientSettings {
  readonly origin: string;
  /** "" or "/gateway". */
  readonly prefix: string;
  readonly token: VaultToken | undefined;
  readonly namespace: string | undefined;
  readonly ca: VaultClientOptions["ca"];
  readonly timeoutMs: number;
  readonly connections: number;
}

const known = ["endpoint", "token", "namespace", "ca", "timeoutMs", "connections", "allowHttp"];

export function readClientOptions(options: VaultClientOptions): ClientSettings {
  requireOptions(options, known);
  const { namespace, ca, timeoutMs = 10_000, connections = 32, allowHttp = false } = options;
  if (typeof allowHttp !== "boolean") throw new TypeError("allowHttp must be a boolean");
  const { origin, pathname } = readEndpoint(options.endpoint, allowHttp);
  const prefix = pathname.replace(/\/$/, "");
  if (prefix !== "" && !isVaultPath(prefix.slice(1))) throw new TypeError("the path of endpoint must be plain segments");
  // A variable that is not set must not become a request without a token.
  if ("token" in options) requireToken(options.token);
  if (namespace !== undefined && !(typeof namespace === "string" && isVaultPath(namespace.replace(/\/$/, "")))) {
    throw new TypeError('namespace must be like "team" or "team/part"');
  }
  requireMilliseconds("timeoutMs", timeoutMs);
  if (!(Number.isInteger(connections) && connections > 0)) throw new TypeError("connections must be a positive integer");
  return { origin, prefix, token: options.token, namespace, ca, timeoutMs, connections };
}

/** Nothing that a server or a proxy could read as another path. */
export function isVaultPath(path: unknown): path is string {
  return typeof path === "string" && /^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && !path.split("/").some((part) => /^\.+$/.test(part));
}

/** Only what a header can carry. */
export function isToken(token: unknown): token is string {
  return typeof token === "string" && /^[\x21-\x7e]+$/.test(token);
}

function requireToken(token: unknown): void {
  if (typeof token !== "function" && !isToken(token))
    throw new TypeError("token must be a token that is not empty (is VAULT_TOKEN set?), or a function that gives one");
}

function readEndpoint(endpoint: unknown, allowHttp: boolean): URL {
  const url = typeof endpoint === "string" ? URL.parse(endpoint) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || `${url.username}${url.password}${url.search}${url.hash}` !== "") {
    throw new TypeError("endpoint must be a URL like https://vault.example:8200, without credentials, query or fragment");
  }
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "https:" || loopback || allowHttp) return url;
  throw new TypeError(
    "endpoint must be https: to another machine, the token and data keys would travel in clear; set allowHttp if they may",
  );
}
