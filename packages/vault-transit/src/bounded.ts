import { VaultError } from "./vault-error.ts";

/**
 * Waits for `run` no longer than `timeoutMs` or the caller's signal allow, whatever becomes of it; `giveUp` is called when the wait ends before it. Rejects
 * with the caller's `signal.reason`, with a `VaultError` when the time is over, or with what `run` rejects with.
 */
export function bounded<T>(
  path: string,
  timeoutMs: number,
  caller: AbortSignal | undefined,
  run: () => Promise<T>,
  giveUp?: (reason: unknown) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    caller?.throwIfAborted();
    const end = (reason: unknown): void => {
      settled();
      reject(reason);
      giveUp?.(reason);
    };
    const onAbort = (): void => end(caller?.reason);
    const tooLate = (): void =>
      end(new VaultError("unavailable", `vault did not answer ${path} within ${timeoutMs} ms`, { code: "ETIMEDOUT" }));
    const timer = setTimeout(tooLate, timeoutMs);
    const settled = (): void => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    };
    caller?.addEventListener("abort", onAbort);
    (async () => run())().finally(settled).then(resolve, reject);
  });
}
