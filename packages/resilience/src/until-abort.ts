import { zeroLateKey } from "./late-key.ts";

/** Settles as `run` does, or rejects with `signal.reason` as soon as the signal aborts. What `run` gives after that is nobody's: a data key in it is zeroed. */
export async function untilAbort<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const running = run();
  try {
    return await Promise.race([running, aborted]);
  } catch (error) {
    if (!signal.aborted) throw error;
    running.then(zeroLateKey, () => undefined);
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
