import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, type KekUnwrapper, type KekWrapper, kekErrorCode } from "@letterlock/core";
import { BrokenCircuitError, DelegateBackoff, handleWhen, retry } from "cockatiel";
import { checkCount, checkMs, checkNames } from "./checked.ts";

export interface RetryOptions {
  /** How often a call is made in all, the first time included; 4 by default. */
  readonly attempts?: number | undefined;
  /** How long all attempts and the pauses between them may take, in milliseconds; 10,000 by default. No pause is begun that would end later. A running attempt is not ended: `timed` does that. */
  readonly budgetMs?: number | undefined;
}

// Full jitter: the pause before retry n is random between 0 and firstPauseMs * 2^n ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Makes a call again when its error means "throttled" or "unavailable" (`kekErrorCode`), after a random pause, or after the time that the provider asks
 * for (`retryAfterMs`) if that is longer. Never after any other error: what is not authentic does not become so. Nor where `circuitBreaking`, inside, leaves the
 * provider alone: then another KEK should have its turn at once. The last error is what the caller gets.
 * Turn the retries of the provider's own SDK down to none, or attempts multiply (README).
 */
export function retrying<K extends KekWrapper | KekUnwrapper>(kek: K, options: RetryOptions = {}): K {
  checkNames(options, ["attempts", "budgetMs"]);
  const { attempts = 4, budgetMs = 10_000 } = options;
  checkCount("attempts", attempts, 1);
  checkMs("budgetMs", budgetMs);
  return aroundKek(kek, async (_operation, call, run) => {
    call.signal.throwIfAborted();
    const deadline = performance.now() + budgetMs;
    let pauses = 0;
    let pauseMs = 0;
    // The pause is decided here, where the error is known, and made before the next attempt, where the caller's signal ends it.
    const worthAnother = handleWhen((error) => {
      if (call.signal.aborted || !isRetryable(kek, error)) return false;
      pauseMs = Math.max(fullJitter(pauses), retryAfter(kek, error));
      pauses += 1;
      return performance.now() + pauseMs <= deadline;
    });
    const policy = retry(worthAnother, { maxAttempts: attempts - 1, backoff: new DelegateBackoff(() => 0) });
    return policy.execute(async ({ attempt }) => {
      if (attempt > 0) await pause(pauseMs, call.signal);
      return run();
    }, call.signal);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}

function isRetryable(kek: KekWrapper | KekUnwrapper, error: unknown): boolean {
  if (error instanceof BrokenCircuitError) return false;
  const code = kekErrorCode(kek, error);
  return code === "throttled" || code === "unavailable";
}

function fullJitter(retries: number): number {
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** retries);
}

/** An answer that is no number of milliseconds is none. */
function retryAfter(kek: KekWrapper | KekUnwrapper, error: unknown): number {
  const ms = kek.retryAfterMs?.(error);
  return ms !== undefined && ms > 0 ? ms : 0;
}
