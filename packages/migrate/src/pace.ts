import { setTimeout as wait } from "node:timers/promises";
import PQueue from "p-queue";

/** How many objects are worked on at once: fewer when a provider throttles or is away, more again while it answers. */
export interface Pace {
  readonly queue: PQueue;
  /** The provider asked for patience: half as many at once, and nobody before the pause is over. */
  slow(attempt: number, retryAfterMs: number): void;
  /** An object went through. */
  quicken(): void;
  /** Resolves when calls may be made. Rejects with `signal.reason`. */
  ready(signal: AbortSignal): Promise<void>;
}

const longestPauseMs = 20_000;

/** Additive increase, multiplicative decrease, as TCP does (RFC 5681): one slow-down per pause, however many calls were refused together. */
export function createPace(concurrency: number, firstPauseMs: number): Pace {
  const queue = new PQueue({ concurrency });
  let allowed = concurrency;
  let readyAt = 0;
  return {
    queue,
    slow(attempt, retryAfterMs) {
      const now = performance.now();
      if (now >= readyAt) {
        allowed = Math.max(1, allowed / 2);
        queue.concurrency = Math.floor(allowed);
      }
      // Full jitter, from half the pause on ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      readyAt = Math.max(readyAt, now + Math.max(pause, retryAfterMs));
    },
    quicken() {
      if (allowed >= concurrency) return;
      allowed = Math.min(concurrency, allowed + 1 / allowed);
      if (Math.floor(allowed) !== queue.concurrency) queue.concurrency = Math.floor(allowed);
    },
    async ready(signal) {
      signal.throwIfAborted();
      for (let left = readyAt - performance.now(); left > 0; left = readyAt - performance.now()) {
        await wait(left, undefined, { signal }).catch(() => undefined);
        signal.throwIfAborted();
      }
    },
  };
}
