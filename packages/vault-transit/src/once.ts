import { createSharedSignal, type SharedSignal } from "./shared-signal.ts";

interface Flight {
  readonly result: Promise<unknown>;
  readonly shared: SharedSignal;
}

/** `run` until it succeeds once, undefined from then on: callers at the same time share a run, which ends early when all of them have aborted; a failure is not remembered. */
export function once(run: (signal: AbortSignal) => Promise<unknown>): (signal: AbortSignal) => Promise<unknown> | undefined {
  let flight: Flight | undefined;
  let done = false;
  const start = (): Flight => {
    const shared = createSharedSignal();
    const started: Flight = { result: run(shared.signal), shared };
    const forget = (): void => {
      if (flight === started) flight = undefined;
    };
    shared.signal.addEventListener("abort", forget, { once: true });
    started.result.then(() => {
      done = true;
    }, forget);
    return started;
  };
  return (signal) => {
    if (done) return undefined;
    signal.throwIfAborted();
    flight ??= start();
    return waitFor(flight, signal);
  };
}

/** The caller's own abort ends its wait at once. */
async function waitFor({ result, shared }: Flight, signal: AbortSignal): Promise<unknown> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const leave = shared.join(signal);
  try {
    return await Promise.race([result, aborted]);
  } finally {
    leave();
    signal.removeEventListener("abort", onAbort);
  }
}
