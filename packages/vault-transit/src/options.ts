import { createBatch } from "./batch.ts";
import { ownLimitMs, type VaultClient } from "./client-shape.ts";
import { tellingCalls, tellingTransport } from "./provider-call.ts";
import { requireMilliseconds, requireOptions } from "./require-option.ts";
import { createTransport, type Outcome, type Transport } from "./transport.ts";

export interface VaultTransitOptions {
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
  readonly batch?: boolean | { readonly maxItems?: number | undefined } | undefined;
  /** How long a call waits, whatever the client does; by default what `vaultClient` was told, and 30,000 with any other client. */
  readonly timeoutMs?: number | undefined;
}

export interface VaultKeyTarget {
  readonly keyRef: string;
  readonly keyName: string;
  readonly derived: boolean;
  readonly readPath: string;
  readonly decryptPath: string;
}

type Ask = (item: object, signal: AbortSignal) => Promise<Outcome>;

export interface Configured extends VaultKeyTarget {
  readonly transport: Transport;
  readonly encrypt: Ask;
  readonly decrypt: Ask;
  readonly rewrap: Ask;
}

const segment = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
const name = new RegExp(`^${segment}$`);
const path = new RegExp(`^${segment}(?:/${segment})*$`);
const mostBatchItems = 100;
const usualTimeoutMs = 30_000;
/** SPEC 9.1. */
const mostKeyRefBytes = 255;

/** Checks and prepares. Misuse is a `TypeError` that says what to write. */
export function readOptions(options: VaultTransitOptions): Configured {
  requireOptions(options, ["client", "keyName", "mount", "cluster", "derived", "batch", "timeoutMs"]);
  const { client, keyName, mount = "transit", cluster, derived = false, batch = false } = options;
  if (typeof client?.read !== "function" || typeof client.write !== "function") {
    throw new TypeError("client must have read(path) and write(path, data): node-vault, or vaultClient({ endpoint, token })");
  }
  const grammar = "letters, digits, dots, dashes and underscores, not beginning with a dot or dash";
  if (typeof keyName !== "string" || !name.test(keyName))
    throw new TypeError(`keyName must be the name of a key alone, like "app": ${grammar}`);
  if (typeof mount !== "string" || !path.test(mount))
    throw new TypeError(`mount must be a path without slashes around it, like "transit": ${grammar}`);
  if (cluster !== undefined && (typeof cluster !== "string" || !path.test(cluster)))
    throw new TypeError(`cluster must be a name, like "eu": ${grammar}`);
  if (typeof derived !== "boolean") throw new TypeError("derived must be a boolean");
  const keyRef = `${cluster === undefined ? "" : `${cluster}//`}${mount}/${keyName}`;
  if (keyRef.length > mostKeyRefBytes)
    throw new TypeError(`cluster, mount and keyName together must be at most ${mostKeyRefBytes} characters`);
  const ownMs = ownLimitMs(client);
  const timeoutMs = options.timeoutMs ?? ownMs ?? usualTimeoutMs;
  requireMilliseconds("timeoutMs", timeoutMs);
  const bare = createTransport(client, timeoutMs === ownMs ? undefined : timeoutMs);
  const tell = tellingCalls(keyRef);
  const transport = tellingTransport(bare, tell);
  const maxItems = readBatch(batch);
  const ask = (verb: string): Ask => {
    const at = `${mount}/${verb}/${keyName}`;
    if (maxItems === undefined) return (item, signal) => transport.write(at, item, signal);
    const join = createBatch(bare, at, { maxItems, timeoutMs });
    return (item, signal) => tell(at, join(item, signal));
  };
  const paths = { readPath: `${mount}/keys/${keyName}`, decryptPath: `${mount}/decrypt/${keyName}` };
  return { ...paths, keyRef, keyName, derived, transport, encrypt: ask("encrypt"), decrypt: ask("decrypt"), rewrap: ask("rewrap") };
}

function readBatch(batch: unknown): number | undefined {
  if (batch === false) return undefined;
  if (batch === true) return mostBatchItems;
  requireOptions(batch as object, ["maxItems"]);
  const { maxItems = mostBatchItems } = batch as { readonly maxItems?: number };
  if (Number.isInteger(maxItems) && maxItems >= 1 && maxItems <= mostBatchItems) return maxItems;
  throw new TypeError(`batch.maxItems must be an integer from 1 to ${mostBatchItems}`);
}
