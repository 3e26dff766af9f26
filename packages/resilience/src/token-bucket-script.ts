/**
 * A token bucket for Redis, as the `customIncrTtlLuaScript` of a `RateLimiterRedis`: `points` tokens at most, refilled evenly over `duration` seconds, so that
 * no second sees more than points + points / duration calls, where the fixed window of the library's own script allows twice `points` around its border.
 * The time is that of the Redis server: the clocks of the machines that share it need not agree. A refused call takes no token.
 *
 * The library hands it KEYS[1] and ARGV = [points to consume, whole seconds, capacity, duration], and takes { consumed, milliseconds until the next }:
 * `consumed` above the capacity is a refusal.
 */
export const tokenBucketScript: string = `
local wanted, capacity = tonumber(ARGV[1]), tonumber(ARGV[3])
local perMs = capacity / (tonumber(ARGV[4]) * 1000)
local time = redis.call('time')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local state = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * perMs)
if tokens < wanted then
  return { capacity + wanted, math.max(1, math.ceil((wanted - tokens) / perMs)) }
end
tokens = tokens - wanted
redis.call('hset', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
redis.call('pexpire', KEYS[1], math.ceil(capacity / perMs) + 1000)
return { math.ceil(capacity - tokens), math.max(0, math.ceil((wanted - tokens) / perMs)) }
`;
