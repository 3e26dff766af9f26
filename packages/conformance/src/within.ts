import { failure } from "./failure.ts";

/** How long to wait, and what ends the run before. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly patienceMs: number;
}

/** Waits for `promise` no longer than that. `what` finishes "waited in vain". */
export async function within<T>(patience: Patience, what: string, promise: Promise<T>): Promise<T> {
  const { signal, patienceMs } = patience;
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => reject(failure(`waited ${patienceMs} ms in vain ${what}`)), patienceMs);
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
