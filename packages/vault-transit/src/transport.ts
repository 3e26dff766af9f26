import { bounded } from "./bounded.ts";
import type { VaultClient } from "./client-shape.ts";
import { failureOf } from "./failure-meaning.ts";
import { codeOf, type Fields, fields, textsOf } from "./foreign-fields.ts";
import { notReached, VaultError } from "./vault-error.ts";

/** What Vault answered: the `data` of its answer, or a clean error. The id is that of its audit log; an answer that is an error tells none. */
export type Outcome = ({ readonly data: Fields } | { readonly error: VaultError }) & { readonly requestId?: string | undefined };

/** Rejects with `signal.reason` alone. */
export interface Transport {
  read(path: string, signal: AbortSignal): Promise<Outcome>;
  write(path: string, data: object, signal: AbortSignal): Promise<Outcome>;
}

/**
 * The sanitising transport of ARCHITECTURE.md. The errors of node-vault hold the token and the data key, it knows no signal and waits for ever: what
 * leaves here is another error, and nobody waits longer than `timeoutMs` or the signal. A request that node-vault has begun goes on unwatched.
 * Without `timeoutMs` the client is one that keeps to its own, and to the signal.
 */
export function createTransport(client: VaultClient, timeoutMs: number | undefined): Transport {
  const within = timeoutMs === undefined ? unbounded : boundedBy(timeoutMs);
  return {
    read: (path, signal) =>
      exchange(
        path,
        signal,
        within(path, signal, (ending) => client.read(path, { signal: ending })),
      ),
    write: (path, data, signal) =>
      exchange(
        path,
        signal,
        within(path, signal, (ending) => client.write(path, data, { signal: ending })),
      ),
  };
}

export function requireData(outcome: Outcome): Fields {
  if ("error" in outcome) throw outcome.error;
  return outcome.data;
}

type Send = (ending: AbortSignal) => Promise<unknown>;

function unbounded(_path: string, signal: AbortSignal, send: Send): Promise<unknown> {
  return send(signal);
}

function boundedBy(timeoutMs: number): typeof unbounded {
  return (path, signal, send) => {
    const ending = new AbortController();
    return bounded(
      path,
      timeoutMs,
      signal,
      () => send(ending.signal),
      (reason) => ending.abort(reason),
    );
  };
}

async function exchange(path: string, signal: AbortSignal, answer: Promise<unknown>): Promise<Outcome> {
  try {
    return outcomeOf(path, await answer);
  } catch (error) {
    signal.throwIfAborted();
    return clean(path, error);
  }
}

function outcomeOf(path: string, body: unknown): Outcome {
  const { data, request_id: requestId } = fields(body);
  if (typeof data === "object" && data !== null) {
    return { data: data as Fields, requestId: typeof requestId === "string" ? requestId : undefined };
  }
  return { error: new VaultError("provider-error", `vault answered ${path} with something else than it should`) };
}

/** node-vault: `response.statusCode` and `response.body`. Other clients: `response.status` and `response.data`. */
function clean(path: string, error: unknown): Outcome {
  if (error instanceof VaultError) return { error };
  const response = fields(fields(error).response);
  const status = response.statusCode ?? response.status;
  if (typeof status !== "number") return { error: notReached(path, codeOf(error)) };
  const body = fields(response.body ?? response.data);
  // A batch in which some items failed has the results of the others.
  if (Array.isArray(fields(body.data).batch_results)) return outcomeOf(path, body);
  return { error: failureOf(path, textsOf(body), status) };
}
