import type { RateLimiter } from "./rate-limited.ts";

export interface TokenQueue {
  /** Resolves when the limiter gave a token. The first to wait is the first to go. A caller who leaves while waiting takes no token. */
  take(signal: AbortSignal): Promise<void>;
}

/** The limiter did not answer, or with something that is none of its answers. */
export class LimiterFailed extends Error {}

interface Waiter {
  readonly number: number;
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
  left: boolean;
}

/** So many questions are on their way at once, until one is refused: a limiter that is a round trip away does not become the limit itself. */
const mostAsking = 32;
/** A limiter that is slower than this is away. */
const answerMs = 5_000;
/** setTimeout takes a 32-bit integer, and would end a longer wait at once. */
const longestTimerMs = 0x7fffffff;

export function createTokenQueue(limiter: RateLimiter, quota: string): TokenQueue {
  const waiting: Waiter[] = [];
  let asking = 0;
  let pause: NodeJS.Timeout | undefined;
  let number = 0;

  const resume = (): void => {
    clearTimeout(pause);
    pause = undefined;
    pump();
  };
  const putBack = (waiter: Waiter): void => {
    const at = waiting.findIndex((other) => other.number > waiter.number);
    waiting.splice(at < 0 ? waiting.length : at, 0, waiter);
  };
  const ask = async (waiter: Waiter): Promise<void> => {
    try {
      const pauseMs = await answered(limiter, quota);
      if (pauseMs === 0) return waiter.go();
      if (!waiter.left) putBack(waiter);
      pause ??= setTimeout(resume, pauseMs);
    } catch (error) {
      waiter.fail(error);
    } finally {
      asking -= 1;
      if (waiting.length === 0) {
        clearTimeout(pause);
        pause = undefined;
      }
      pump();
    }
  };
  const pump = (): void => {
    while (pause === undefined && asking < mostAsking) {
      const waiter = waiting.shift();
      if (waiter === undefined) return;
      asking += 1;
      void ask(waiter);
    }
  };

  return {
    take(signal) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const settle = (then: () => void): void => {
          signal.removeEventListener("abort", leave);
          then();
        };
        const waiter: Waiter = { number: number++, go: () => settle(resolve), fail: (error) => settle(() => reject(error)), left: false };
        const leave = (): void => {
          waiter.left = true;
          const at = waiting.indexOf(waiter);
          if (at >= 0) waiting.splice(at, 1);
          if (waiting.length === 0 && asking === 0) resume();
          waiter.fail(signal.reason);
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(waiter);
        pump();
      });
    },
  };
}

/** 0: it gave a token. Otherwise the milliseconds until it is worth asking again. */
async function answered(limiter: RateLimiter, quota: string): Promise<number> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new LimiterFailed(`the rate limiter did not answer within ${answerMs} ms`)), answerMs);
  try {
    await Promise.race([limiter.consume(quota), late]);
    return 0;
  } catch (refusal) {
    return millisecondsOf(refusal);
  } finally {
    clearTimeout(timer);
  }
}

function millisecondsOf(refusal: unknown): number {
  if (typeof refusal === "object" && refusal !== null && "msBeforeNext" in refusal && !(refusal instanceof Error)) {
    const ms = Number(refusal.msBeforeNext);
    if (!Number.isNaN(ms)) return Math.min(Math.max(1, ms), longestTimerMs);
  }
  throw refusal instanceof LimiterFailed ? refusal : new LimiterFailed("the rate limiter failed", { cause: refusal });
}
