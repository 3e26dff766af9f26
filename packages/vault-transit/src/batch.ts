import { outcomesOf } from "./batch-outcomes.ts";
import { bounded } from "./bounded.ts";
import { fewAtATime } from "./few-at-a-time.ts";
import { createSharedSignal } from "./shared-signal.ts";
import type { Outcome, Transport } from "./transport.ts";
import { VaultError } from "./vault-error.ts";

interface Waiting {
  readonly item: object;
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal;
  settle(outcome: Outcome): void;
}

interface BatchLimits {
  readonly maxItems: number;
  /** From the call on, however many requests it waits for. */
  readonly timeoutMs: number;
}

/**
 * One path whose calls are sent together: those of one turn of the event loop, and those that are made while a request is on its way. A full batch does not
 * wait. A call that aborts, or whose time is over, leaves; the request ends early when all of its calls have.
 */
export function createBatch(
  transport: Transport,
  path: string,
  limits: BatchLimits,
): (item: object, caller: AbortSignal) => Promise<Outcome> {
  const { maxItems, timeoutMs } = limits;
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
  return (item, caller) => {
    const leaving = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const one: Waiting = { item, signal: leaving.signal, settle: resolve };
    const join = (): Promise<Outcome> => {
      waiting.push(one);
      setImmediate(sendWhenIdle);
      return promise;
    };
    const leave = (reason: unknown): void => {
      waiting = waiting.filter((other) => other !== one);
      leaving.abort(reason);
    };
    return bounded(path, timeoutMs, caller, join, leave).catch(failedOutcome);
  };
}

function failedOutcome(reason: unknown): Outcome {
  if (reason instanceof VaultError) return { error: reason };
  throw reason;
}

async function sendBatch(transport: Transport, path: string, batch: readonly Waiting[]): Promise<void> {
  const answer = await askTogether(transport, path, batch);
  if (batch.length > 1 && "error" in answer && mayConcernOne(answer.error)) return sendSingly(transport, path, batch);
  for (const [index, outcome] of outcomesOf(path, answer, batch.length).entries()) batch[index]?.settle(outcome);
}

/** Rejected is what a caller left: before its turn, that costs no request. */
function sendSingly(transport: Transport, path: string, batch: readonly Waiting[]): Promise<void> {
  return fewAtATime(batch, (one) => sendBatch(transport, path, [one]).catch(() => undefined));
}

async function askTogether(transport: Transport, path: string, batch: readonly Waiting[]): Promise<Outcome> {
  const shared = createSharedSignal();
  const leave = batch.map(({ signal }) => shared.join(signal));
  try {
    return await transport.write(path, { batch_input: batch.map(({ item }) => item) }, shared.signal);
  } finally {
    for (const left of leave) left();
  }
}

/** Older Vaults refuse a whole batch because of one item (hashicorp/vault #13111). A 404 is about the path, which is that of every item. */
function mayConcernOne({ status = 0, meaning }: VaultError): boolean {
  return status >= 400 && status !== 404 && !["throttled", "unavailable", "access-denied"].includes(meaning);
}
