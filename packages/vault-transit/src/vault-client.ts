import { Pool } from "undici";
import { bounded } from "./bounded.ts";
import {
  type ClientSettings,
  isToken,
  isVaultPath,
  readClientOptions,
  type VaultClientOptions,
  type VaultToken,
} from "./client-options.ts";
import { markPunctual, type VaultCallOptions, type VaultClient } from "./client-shape.ts";
import { failureOf } from "./failure-meaning.ts";
import { codeOf, fields, textsOf } from "./foreign-fields.ts";
import { parseJson, readText } from "./response-body.ts";
import { retryAfterIn } from "./retry-after.ts";
import { notReached, VaultError } from "./vault-error.ts";

/** Rejects with a `VaultError` or `signal.reason`. A batch in which items failed resolves, whatever its status: its items say what failed. */
export interface OwnVaultClient extends VaultClient, AsyncDisposable {
  /** Waits for the requests that are on their way. */
  close(): Promise<void>;
}

interface Request extends VaultCallOptions {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

const idleMs = 30_000;

/**
 * A small client of Vault's HTTP API: no proxy, no redirect, no logging; TLS connections are kept and used again; every request ends within `timeoutMs`;
 * its errors hold neither the token nor what was sent or answered.
 */
export function vaultClient(options: VaultClientOptions): OwnVaultClient {
  const settings = readClientOptions(options);
  const { origin, ca, connections, timeoutMs } = settings;
  const pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: idleMs, connect: ca === undefined ? {} : { ca } });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= pool.close();
    return closing;
  };
  return markPunctual(
    Object.freeze<OwnVaultClient>({
      read: (path, { signal } = {}) => send(pool, settings, { method: "GET", path, signal }),
      write: (path, data, { signal } = {}) => send(pool, settings, { method: "POST", path, body: JSON.stringify(data), signal }),
      close,
      [Symbol.asyncDispose]: close,
    }),
    timeoutMs,
  );
}

async function send(pool: Pool, settings: ClientSettings, request: Request): Promise<unknown> {
  const { path, signal } = request;
  if (!isVaultPath(path)) throw new VaultError("provider-error", "the path of a request must be plain segments, like transit/encrypt/app");
  const ending = new AbortController();
  const run = (): Promise<unknown> => exchange(pool, settings, request, ending.signal);
  try {
    return await bounded(path, settings.timeoutMs, signal, run, (reason) => ending.abort(reason));
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof VaultError ? error : notReached(path, codeOf(error));
  }
}

async function exchange(pool: Pool, settings: ClientSettings, { method, path, body }: Request, signal: AbortSignal): Promise<unknown> {
  const headers = await headersOf(settings, body);
  const response = await pool.request({ method, path: `${settings.prefix}/v1/${path}`, headers, body: body ?? null, signal });
  const { statusCode: status } = response;
  const text = await readText(path, response.body);
  const answer = text === "" ? undefined : parseJson(text);
  if (Array.isArray(fields(fields(answer).data).batch_results)) return answer;
  if (status >= 200 && status < 300) {
    if (text === "" || answer !== undefined) return answer;
    throw new VaultError("provider-error", `vault answered ${path} with something else than JSON`, { status });
  }
  if (status < 400)
    throw new VaultError("provider-error", `vault answered ${path} with a redirect: use the address of the active node`, { status });
  throw failureOf(path, textsOf(answer), status, retryAfterIn(response.headers["retry-after"]));
}

async function headersOf({ token, namespace }: ClientSettings, body: string | undefined): Promise<Record<string, string>> {
  return {
    "x-vault-request": "true",
    ...(token === undefined ? {} : { "x-vault-token": await currentToken(token) }),
    ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

async function currentToken(token: VaultToken): Promise<string> {
  const current = typeof token === "string" ? token : await token();
  if (!isToken(current)) throw new VaultError("access-denied", "the token function gave no token");
  return current;
}
