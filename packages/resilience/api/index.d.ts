import { Aad, Bytes, Context, KekUnwrapper, KekWrapper, Suite } from "@letterlock/core";
interface BulkheadOptions {
  /** How many calls run at once. */
  readonly concurrency: number;
  /**
   * How many more may wait their turn; 1,000 by default. One above that fails at once with the code "throttled". A caller who leaves stops waiting at once,
   * and its place is free when its turn comes.
   */
  readonly queue?: number | undefined;
}
/**
 * No more than `concurrency` calls at once: one slow provider cannot take every socket and all memory. A call whose caller left keeps its place until it
 * ends, because the provider is still at work.
 */
declare function bulkheaded<K extends KekWrapper | KekUnwrapper>(kek: K, options: BulkheadOptions): K;
interface CircuitBreakerOptions {
  /** How many calls in a row must find the provider unavailable before it is left alone; 5 by default. */
  readonly failures?: number | undefined;
  /** How long it is left alone before one call tries again, in milliseconds; 10,000 by default. */
  readonly halfOpenAfterMs?: number | undefined;
}
/**
 * Stops calling a provider that is away: after `failures` calls in a row that ended "unavailable", every call fails at once with that code, until one call,
 * `halfOpenAfterMs` later, gets an answer. Throttling and refusals are answers. One breaker for each KEK that this returns. While that one call tries, the
 * others fail at once, so put `timed` inside: a call that hangs finds nothing out.
 */
declare function circuitBreaking<K extends KekWrapper | KekUnwrapper>(kek: K, options?: CircuitBreakerOptions): K;
interface PreferringOptions {
  /** How long a KEK that was throttled or unavailable stands behind the others, in milliseconds; 30,000 by default. An answer ends it at once. */
  readonly forgetAfterMs?: number | undefined;
}
/**
 * A function that gives the KEKs in the order of their recent health: yours, except that those that were throttled or unavailable stand last, the one that failed
 * longest ago first. Every call gives the same objects, which observe their own calls; use them in the place of yours. Opening only: sealing calls every
 * KEK whatever their order. A cache keeps an entry for each order in which it sees the list.
 */
declare function preferring<K extends KekWrapper | KekUnwrapper>(keks: readonly K[], options?: PreferringOptions): () => readonly K[];
/** What a limiter of rate-limiter-flexible is: it takes a token, or rejects with the milliseconds until there may be one. */
interface RateLimiter {
  consume(key: string): Promise<unknown>;
}
type RateLimitOptions = {
  /** Calls per second, in the long run. */
  readonly perSecond: number;
  /** How many calls may be made at once after a pause; `perSecond` by default, and 1 at least. */
  readonly burst?: number | undefined;
} | {
  /** A limiter that others use too, on this machine or on many: `RateLimiterRedis` with `tokenBucketScript`. */
  readonly limiter: RateLimiter;
  /** What is counted together; the provider and the keyRef by default. A provider's quota is often one for a whole account and region: name that. */
  readonly quota?: string | undefined;
};
/**
 * Waits before a call until the limiter has a token for it. The first to wait is the first to go; a caller who leaves while waiting takes no token. A limiter that
 * fails, or does not answer within five seconds (Redis is away), fails the call with the code "unavailable": a quota that nobody counts is not kept.
 */
declare function rateLimited<K extends KekWrapper | KekUnwrapper>(kek: K, options: RateLimitOptions): K;
interface RetryOptions {
  /** How often a call is made in all, the first time included; 4 by default. */
  readonly attempts?: number | undefined;
  /** How long all attempts and the pauses between them may take, in milliseconds; 10,000 by default. No pause is begun that would end later. A running attempt is not ended: `timed` does that. */
  readonly budgetMs?: number | undefined;
}
/**
 * Makes a call again when its error means "throttled" or "unavailable" (`kekErrorCode`), after a random pause, or after the time that the provider asks
 * for (`retryAfterMs`) if that is longer. Never after any other error: what is not authentic does not become so. Nor where `circuitBreaking`, inside, leaves the
 * provider alone: then another KEK should have its turn at once. The last error is what the caller gets.
 * Turn the retries of the provider's own SDK down to none, or attempts multiply (README).
 */
declare function retrying<K extends KekWrapper | KekUnwrapper>(kek: K, options?: RetryOptions): K;
/** Those of `seal`, without a cache: a key that misses somebody must not be kept. */
interface SealAtLeastOptions {
  readonly context?: Context | undefined;
  readonly detached?: readonly string[] | undefined;
  readonly suite?: Suite | undefined;
  readonly aad?: Aad | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the result misses somebody, with `missing`: for a log or a counter. What it throws rejects the call. */
  readonly onDegraded?: ((missing: readonly MissingKek[]) => void) | undefined;
}
interface PartlySealed {
  readonly envelope: Bytes;
  /** The KEKs that cannot open it, and why; empty when all can. Add them with `rewrap` and `keep` when they are back. */
  readonly missing: readonly MissingKek[];
}
interface MissingKek {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: "throttled" | "unavailable";
}
/**
 * `seal` for those who must write while a provider is away: at least `n` of `keks` (1 to 15) wrapped the data key, and `missing` says who did not. Only KEKs that are
 * "throttled" or "unavailable" may be missing; any other failure fails the call, as fewer than `n` does. Every KEK is waited for, so give each a time limit (`timed`).
 */
declare function sealAtLeast(n: number, plaintext: Uint8Array, keks: readonly KekWrapper[], options?: SealAtLeastOptions): Promise<PartlySealed>;
interface TimeLimitOptions {
  /** How long one call may take, in milliseconds. */
  readonly perAttemptMs: number;
}
/**
 * Ends every call that takes longer than `perAttemptMs`, with the code "unavailable": its signal is aborted, and it is left behind even if it ignores that.
 * A data key that arrives too late is zeroed. Inside `retrying` the limit is for each attempt, around it for all.
 */
declare function timed<K extends KekWrapper | KekUnwrapper>(kek: K, options: TimeLimitOptions): K;
/**
 * A token bucket in the memory of this process, as the `limiter` of several KEKs that share a quota. It has the interface of rate-limiter-flexible, whose own
 * `RateLimiterMemory` counts in fixed windows and lets twice the limit pass around the border of two. `burst`: calls at once after a pause, at least 1.
 */
declare function createTokenBucket(options: {
  readonly perSecond: number;
  readonly burst: number;
}): RateLimiter;
interface TokenBucketOptions {
  /** How many calls may be made at once after a pause; at least 1. */
  readonly burst: number;
}
/**
 * A token bucket for Redis, as the `customIncrTtlLuaScript` of a `RateLimiterRedis`: it fills at the limiter's rate, `points` tokens in `duration` seconds, and
 * holds `burst` of them. No time of s seconds, wherever it begins, sees more than burst + s * points / duration calls; the library's own script counts in fixed
 * windows and allows twice `points` around the border of two. A refused call takes no token. The time is that of the Redis server: the clocks of the
 * machines that share it need not agree. All of them must give the same numbers, and a whole number of seconds: for less than one the library does not run the script.
 */
declare function tokenBucketScript(options: TokenBucketOptions): string;
export { type BulkheadOptions, type CircuitBreakerOptions, type PartlySealed, type PreferringOptions, type RateLimitOptions, type RateLimiter, type RetryOptions, type SealAtLeastOptions, type TimeLimitOptions, type TokenBucketOptions, bulkheaded, circuitBreaking, createTokenBucket, preferring, rateLimited, retrying, sealAtLeast, timed, tokenBucketScript };
