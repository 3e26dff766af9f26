import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { tokenBucketScript } from "../../src/index.ts";

export const rate = 50;
export const burst = 10;

export function sharedLimiter(storeClient: Redis): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient,
    points: rate,
    duration: 1,
    customIncrTtlLuaScript: tokenBucketScript({ burst }),
    rejectIfRedisNotReady: true,
  });
}
