import { checkNames, checkRate } from "./checked.ts";

export interface TokenBucketOptions {
  /** How many calls may be made at once after a pause; at least 1. */
  readonly burst: number;
}

/**
 * A token bucket for Redis, as the `customIncrTtlLuaScript` of a `RateLimiterRedis`: it fills at the limiter's rate, `points` tokens in `duration` seconds, and
 * holds `burst` of them. No time of s seconds, wherever it begins, sees more than burst + s * points / duration calls; the library's own script counts in fixed
 * windows and allows twice `points` around the border of two. A refused call takes no token. The time is that of the Redis server: the clocks of the
 * machines that share it need not agree. All of them must give the same numbers, and a whole number of seconds: for less than one the library does not run the script.
 */
export function tokenBucketScript(options: TokenBucketOptions): string {
  checkNames(options, ["burst"]);
  const { burst } = options;
  checkRate("burst", burst);
  if (burst < 1) throw new RangeError("burst must be at least 1");
  return `local burst = ${burst}\n${script}`;
}

// The library gives KEYS[1] and ARGV = [wanted, whole seconds, points, duration], and takes { consumed, milliseconds until the next }. More consumed than
// points is a refusal.
const script = `
local wanted, points = tonumber(ARGV[1]), tonumber(ARGV[3])
local perMs = points / (tonumber(ARGV[4]) * 1000)
local time = redis.call('time')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local state = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * perMs)
if tokens < wanted then
  return { points + wanted, math.max(1, math.ceil((wanted - tokens) / perMs)) }
end
tokens = tokens - wanted
redis.call('hset', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
redis.call('pexpire', KEYS[1], math.ceil(burst / perMs) + 1000)
return { points - math.min(points, math.floor(tokens)), math.max(0, math.ceil((wanted - tokens) / perMs)) }
`;
