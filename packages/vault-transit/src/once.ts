import { createSharedSignal, type SharedSignal } from "./shared-signal.ts";

interface Flight<T> {
  readonly result: Promise<T>;
  readonly shared: SharedSignal;
}

/** `run` until it succeeds once: callers at the same time share a run, which ends early when all of them have aborted; a failure is not remembered. */
export function once<T>(run: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let flight: Flight<T> | undefined;
  let done: { readonly value: T } | undefined;
  const start = (): Flight<T> => {
    const shared = createSharedSignal();
    const started: Flight<T> = { result: run(shared.signal), shared };
    const forget = (): void => {
      if (flight === started) flight = undefined;
    };
    shared.signal.addEventListener("abort", forget, { once: true });
    started.result.then((value) => {
      done = { value };
    }, forget);
    return started;
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (done !== undefined) return done.value;
    flight ??= start();
    return waitFor(flight, signal);
  };
}

/** The caller's own abort ends its wait at once. */
async function waitFor<T>({ result, shared }: Flight<T>, signal: AbortSignal): Promise<T> {
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
