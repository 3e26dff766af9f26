export { type BulkheadOptions, bulkheaded } from "./bulkheaded.ts";
export { type CircuitBreakerOptions, circuitBreaking } from "./circuit-breaking.ts";
export { type PreferringOptions, preferring } from "./preferring.ts";
export { type RateLimiter, type RateLimitOptions, rateLimited } from "./rate-limited.ts";
export { type RetryOptions, retrying } from "./retrying.ts";
export { type PartlySealed, type SealAtLeastOptions, sealAtLeast } from "./seal-at-least.ts";
export { type TimeLimitOptions, timed } from "./timed.ts";
export { createTokenBucket } from "./token-bucket.ts";
export { type TokenBucketOptions, tokenBucketScript } from "./token-bucket-script.ts";
