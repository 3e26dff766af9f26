import { ConnectionOptions } from "node:tls";
import { Kek, KekErrorCode, KekUnwrapper, KekWrapper } from "@letterlock/core";
/** Or what gives it, before every request: for a token that is renewed or replaced. */
type VaultToken = string | (() => string | Promise<string>);
interface VaultClientOptions {
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
interface VaultCallOptions {
  readonly signal?: AbortSignal | undefined;
}
/** What the adapter needs of a client. Paths are without "v1": "transit/encrypt/app". Both resolve to the JSON object that Vault answered. */
interface VaultClient {
  read(path: string, options?: VaultCallOptions): Promise<unknown>;
  write(path: string, data: object, options?: VaultCallOptions): Promise<unknown>;
}
interface VaultErrorFacts {
  /** Of the answer; undefined where there was none. */
  readonly status?: number | undefined;
  /** Of the operating system, Node or undici: "ECONNREFUSED". */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}
/**
 * What went wrong between this process and Vault. It has no cause and holds nothing of the request or the answer but Vault's own words about the failure:
 * the errors of HTTP clients hold the token and the data key.
 */
declare class VaultError extends Error {
  /** What it means to a caller of Letterlock. */
  readonly meaning: KekErrorCode;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(meaning: KekErrorCode, message: string, facts?: VaultErrorFacts);
}
interface VaultTransitOptions {
  /** node-vault, `vaultClient(...)` of this package, or anything with their `read` and `write`. Namespace, token and its renewal are the client's. */
  readonly client: VaultClient;
  /** The name of the key, without its mount. */
  readonly keyName: string;
  /** Where the Transit engine is mounted; "transit" by default. */
  readonly mount?: string | undefined;
  /** Your own name for this cluster or namespace, part of keyRef: two Vaults whose keys have the same mount and name can then stand in one header. */
  readonly cluster?: string | undefined;
  /** The key was made with `derived=true`: its context binds, and Vault rewraps it. false by default: `associated_data` binds, and a rewrap goes through this process. */
  readonly derived?: boolean | undefined;
  /** Sends calls that are made at the same time together; at most `maxItems`, 1 to 100, in a request. true is 100; one request for each call by default. */
  readonly batch?: boolean | {
    readonly maxItems?: number | undefined;
  } | undefined;
  /** How long a call waits, whatever the client does; by default what `vaultClient` was told, and 30,000 with any other client. */
  readonly timeoutMs?: number | undefined;
}
/** What the policy of a token let be known about a key. */
interface VaultKeyCheck {
  /**
   * "read": `keys/NAME` was read. "probed": reading it is forbidden, and the answer to a decryption that cannot succeed told that the key exists and whether it is derived, but not
   * whether it is convergent. "unknown": nothing was learned; then a policy without "create" is all that keeps a mistyped name from becoming a key. A KEK looks again a minute later.
   */
  readonly known: "read" | "probed" | "unknown";
  /** Undefined where it is not known. */
  readonly derived: boolean | undefined;
  /** What wrap would use now. Undefined where it is not known. */
  readonly currentVersion: string | undefined;
}
/** Rejects with a `VaultError` or `signal.reason`. A batch in which items failed resolves, whatever its status: its items say what failed. */
interface OwnVaultClient extends VaultClient, AsyncDisposable {
  /** Waits for the requests that are on their way. */
  close(): Promise<void>;
}
/**
 * A small client of Vault's HTTP API: no proxy, no redirect, no logging; TLS connections are kept and used again; every request ends within `timeoutMs`;
 * its errors hold neither the token nor what was sent or answered.
 */
declare function vaultClient(options: VaultClientOptions): OwnVaultClient;
/** A KEK in Vault Transit that can also tell its version. */
interface VaultTransitKek extends Kek {
  currentVersion: NonNullable<KekWrapper["currentVersion"]>;
  /** Of derived keys alone: Vault's rewrap knows no associated_data. */
  rewrap?: NonNullable<KekUnwrapper["rewrap"]>;
}
/**
 * A key of the Transit engine of HashiCorp Vault or OpenBao, of a type with authenticated encryption. A = SPEC section 4 binds the data key: as
 * `associated_data`, or as `context` where the key is derived. Before its first use the key is looked at, once: that it exists, because encryption would
 * make it, and that it is derived or not, because a key that is not ignores `context`. A token that may not look is believed, for a minute at a time: see `checkVaultKey`.
 */
declare function vaultTransit(options: VaultTransitOptions): VaultTransitKek;
/**
 * Looks at the key as a KEK does before its first use, and tells what could be found out: for set-up and for `letterlock doctor`. Rejects with a
 * `VaultError` where the key is not there ("kek-not-found" in `meaning`), is not as configured ("kek-unusable"), or cannot be asked for.
 */
declare function checkVaultKey(options: VaultTransitOptions, { signal }?: {
  readonly signal?: AbortSignal | undefined;
}): Promise<VaultKeyCheck>;
export { type OwnVaultClient, type VaultCallOptions, type VaultClient, type VaultClientOptions, VaultError, type VaultKeyCheck, type VaultToken, type VaultTransitKek, type VaultTransitOptions, checkVaultKey, vaultClient, vaultTransit };
