import { aroundKek, type KekUnwrapper, type KekWrapper } from "@letterlock/core";
import { checkNames } from "./checked.ts";
import { createTokenBucket } from "./token-bucket.ts";
import { createTokenQueue, LimiterFailed } from "./token-queue.ts";

/** What a limiter of rate-limiter-flexible is: it takes a token, or rejects with the milliseconds until there may be one. */
export interface RateLimiter {
  consume(key: string): Promise<unknown>;
}

export type RateLimitOptions =
  | {
      /** Calls per second, in the long run. */
      readonly perSecond: number;
      /** How many calls may be made at once after a pause; `perSecond` by default, and 1 at least. */
      readonly burst?: number | undefined;
    }
  | {
      /** A limiter that others use too, on this machine or on many: `RateLimiterRedis` with `tokenBucketScript`. */
      readonly limiter: RateLimiter;
      /** What is counted together; the provider and the keyRef by default. A provider's quota is often one for a whole account and region: name that. */
      readonly quota?: string | undefined;
    };

/**
 * Waits before a call until the limiter has a token for it. The first to wait is the first to go; a caller who leaves while waiting takes no token. A limiter that
 * fails, or does not answer within five seconds (Redis is away), fails the call with the code "unavailable": a quota that nobody counts is not kept.
 */
export function rateLimited<K extends KekWrapper | KekUnwrapper>(kek: K, options: RateLimitOptions): K {
  const { limiter, quota } = limiterOf(kek, options);
  const queue = createTokenQueue(limiter, quota);
  return aroundKek(
    kek,
    async (_operation, call, run) => {
      await queue.take(call.signal);
      return run();
    },
    (error) => (error instanceof LimiterFailed ? "unavailable" : undefined),
  );
}

function limiterOf(kek: KekWrapper | KekUnwrapper, options: RateLimitOptions): { limiter: RateLimiter; quota: string } {
  const keyRef = `${kek.provider} ${kek.keyRef}`;
  if (typeof options === "object" && options !== null && "limiter" in options) {
    checkNames(options, ["limiter", "quota"]);
    if (typeof options.limiter?.consume !== "function")
      throw new TypeError("limiter must have consume(key), as the limiters of rate-limiter-flexible do");
    return { limiter: options.limiter, quota: options.quota ?? keyRef };
  }
  checkNames(options, ["perSecond", "burst"]);
  const { perSecond, burst = Math.max(1, perSecond) } = options;
  return { limiter: createTokenBucket({ perSecond, burst }), quota: keyRef };
}
