import { VaultError } from "./vault-error.ts";

/**
 * Waits for `run` no longer than `timeoutMs` or the caller's signal allow, whatever `run` does with the signal that it is given, which aborts then too.
 * Rejects with the caller's `signal.reason`, with a `VaultError` when the time is over, or with what `run` rejects with.
 */
export async function bounded<T>(
  path: string,
  timeoutMs: number,
  caller: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller?.throwIfAborted();
  const ending = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    reject(reason);
    ending.abort(reason);
  };
  const onAbort = (): void => end(caller?.reason);
  const tooLate = (): void =>
    end(new VaultError("unavailable", `vault did not answer ${path} within ${timeoutMs} ms`, { code: "ETIMEDOUT" }));
  const timer = setTimeout(tooLate, timeoutMs);
  caller?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([run(ending.signal), ended]);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", onAbort);
  }
}
