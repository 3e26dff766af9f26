import { createSharedSignal, type SharedSignal } from "./shared-signal.ts";

interface Flight {
  readonly result: Promise<unknown>;
  readonly shared: SharedSignal;
}

/**
 * `run`, or undefined for as long as `keptMs` wants the last result to be remembered: callers at the same time share a run, which ends early when all of
 * them have aborted; a failure is not remembered.
 */
export function remembered<T>(
  run: (signal: AbortSignal) => Promise<T>,
  keptMs: (result: T) => number,
): (signal: AbortSignal) => Promise<unknown> | undefined {
  let flight: Flight | undefined;
  let keptUntil = Number.NEGATIVE_INFINITY;
  const start = (): Flight => {
    const shared = createSharedSignal();
    const result = run(shared.signal);
    const started: Flight = { result, shared };
    const forget = (): void => {
      if (flight === started) flight = undefined;
    };
    shared.signal.addEventListener("abort", forget, { once: true });
    result.then((found) => {
      keptUntil = performance.now() + keptMs(found);
      forget();
    }, forget);
    return started;
  };
  return (signal) => {
    if (performance.now() < keptUntil) return undefined;
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
