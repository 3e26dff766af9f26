import type { RateLimiter } from "@letterlock/resilience";
import { tokenBucketScript } from "@letterlock/resilience";
import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { StatedRate } from "../migrate/quotas.ts";

/** What counts a quota for all workers: a token bucket in the Redis of their queue. */
export function sharedQuota(connection: Redis, { perSecond, burst }: StatedRate): RateLimiter {
  // The script counts in whole points and whole seconds; a rate of 0.5 is 500 in 1,000 seconds.
  const duration = Number.isInteger(perSecond) ? 1 : 1_000;
  return new RateLimiterRedis({
    storeClient: connection,
    keyPrefix: "letterlock:quota",
    points: Math.max(1, Math.floor(perSecond * duration)),
    duration,
    customIncrTtlLuaScript: tokenBucketScript({ burst }),
    rejectIfRedisNotReady: true,
  });
}
