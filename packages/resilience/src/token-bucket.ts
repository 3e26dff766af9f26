import type { RateLimiter } from "./rate-limited.ts";

interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * A token bucket in memory, with the interface of rate-limiter-flexible: its own `RateLimiterMemory` counts in fixed windows, which lets twice the limit pass
 * around the border of two.
 */
export function createTokenBucket({ perSecond, burst }: TokenBucketOptions): RateLimiter {
  let tokens = burst;
  let at = performance.now();
  return {
    consume() {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1000);
      at = now;
      if (tokens >= 1) {
        tokens -= 1;
        return Promise.resolve();
      }
      return Promise.reject({ msBeforeNext: Math.max(1, Math.ceil(((1 - tokens) * 1000) / perSecond)) });
    },
  };
}
