import { checkNames, checkRate } from "./checked.ts";
import type { RateLimiter } from "./rate-limited.ts";

/**
 * A token bucket in the memory of this process, as the `limiter` of several KEKs that share a quota. It has the interface of rate-limiter-flexible, whose own
 * `RateLimiterMemory` counts in fixed windows and lets twice the limit pass around the border of two. `burst`: calls at once after a pause, at least 1.
 */
export function createTokenBucket(options: { readonly perSecond: number; readonly burst: number }): RateLimiter {
  checkNames(options, ["perSecond", "burst"]);
  const { perSecond, burst } = options;
  checkRate("perSecond", perSecond);
  checkRate("burst", burst);
  if (burst < 1) throw new RangeError("burst must be at least 1");
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
