import { failureOf } from "./failure-meaning.ts";
import { type Fields, fields } from "./foreign-fields.ts";
import { createSharedSignal } from "./shared-signal.ts";
import type { Outcome, Transport } from "./transport.ts";
import { copyOf, VaultError } from "./vault-error.ts";

interface Waiting {
  readonly item: object;
  readonly signal: AbortSignal;
  settle(outcome: Outcome): void;
}

/**
 * One path whose calls are sent together: those of one turn of the event loop, and those that are made while a request is on its way. A full batch does not
 * wait. A call that aborts leaves; the request ends early when all of its calls have.
 */
export function createBatch(transport: Transport, path: string, maxItems: number): (item: object, signal: AbortSignal) => Promise<Outcome> {
  let waiting: Waiting[] = [];
  let onTheirWay = 0;
  const send = (): void => {
    const batch = waiting.splice(0, maxItems);
    if (batch.length === 0) return;
    onTheirWay += 1;
    const after = (): void => {
      onTheirWay -= 1;
      send();
    };
    sendBatch(transport, path, batch).then(after, after);
  };
  const sendWhenIdle = (): void => {
    if (onTheirWay === 0 || waiting.length >= maxItems) send();
  };
  return async (item, signal) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const one: Waiting = { item, signal, settle: resolve };
    const onAbort = (): void => {
      waiting = waiting.filter((other) => other !== one);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    waiting.push(one);
    setImmediate(sendWhenIdle);
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  };
}

async function sendBatch(transport: Transport, path: string, batch: readonly Waiting[]): Promise<void> {
  const shared = createSharedSignal();
  const leave = batch.map(({ signal }) => shared.join(signal));
  try {
    const answer = await transport.write(path, { batch_input: batch.map(({ item }) => item) }, shared.signal);
    for (const [index, outcome] of outcomes(path, answer, batch.length).entries()) batch[index]?.settle(outcome);
  } finally {
    for (const left of leave) left();
  }
}

/** One for each item, in their order; the status of the whole says nothing about one of them. */
function outcomes(path: string, answer: Outcome, count: number): readonly Outcome[] {
  const { error, requestId } = answer as { readonly error?: VaultError; readonly requestId?: string | undefined };
  if (error !== undefined) return Array.from({ length: count }, () => ({ error: copyOf(error) }));
  const { batch_results: results } = (answer as { readonly data: Fields }).data;
  const complete = Array.isArray(results) && results.length === count;
  return Array.from({ length: count }, (_, index) => ({ ...outcomeOf(path, complete ? fields(results[index]) : {}), requestId }));
}

function outcomeOf(path: string, result: Fields): Outcome {
  const { error } = result;
  if (typeof error === "string" && error !== "") return { error: failureOf(path, [error]) };
  if (Object.keys(result).length > 0) return { data: result };
  return { error: new VaultError("provider-error", `vault answered ${path} without the result of this call`) };
}
