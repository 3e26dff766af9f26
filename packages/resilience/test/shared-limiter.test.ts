import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { kekErrorCode } from "@letterlock/core";
import { startAwsKms } from "@letterlock/emulators";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rateLimited, tokenBucketScript } from "../src/index.ts";
import { kekCall, times } from "./support/scripted-kek.ts";
import { burst, rate, sharedLimiter } from "./support/shared-limiter.ts";

const dataKey = new Uint8Array(32);

describe.runIf(requireDebianServer("redis-server"))("a limiter in Redis", () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.endpoint);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  test("keeps one quota for several processes, in every second", { timeout: 60_000 }, async () => {
    await using aws = await startAwsKms();
    const keyArn = await aws.admin.createKey();
    const granted: number[] = [];
    const monitor = await redis.duplicate().monitor();
    // Each token is one hset of the script, at the time of the Redis server.
    monitor.on("monitor", (time: string, [command]: readonly string[]) => {
      if (command?.toLowerCase() === "hset") granted.push(Number(time) * 1000);
    });
    const arrived: number[] = [];
    const watch = setInterval(() => arrived.push(...aws.admin.takeRequests().map(() => performance.now())), 1);
    const calls = 50;
    const callers = await Promise.all(times(3, () => startCaller(aws.endpoint, keyArn, server.endpoint, calls)));
    for (const caller of callers) caller.stdin?.write("go\n");
    const codes = await Promise.all(callers.map(async (caller) => (await once(caller, "exit"))[0] as number));
    expect(codes).toEqual([0, 0, 0]);
    await expect.poll(() => [granted.length, arrived.length]).toEqual([3 * calls, 3 * calls]);
    clearInterval(watch);
    monitor.disconnect();
    // Redis notes the time of a command a moment after the script has asked for it.
    expect(crowd(granted, 2)).toBeLessThanOrEqual(0);
    // What is on its way and what waits for its turn in this process come late, and closer together than they left.
    expect(crowd(arrived, 250)).toBeLessThanOrEqual(0);
  });

  test("makes no call when Redis is away, and says unavailable", async () => {
    await using aws = await startAwsKms();
    const client = new KMSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } });
    const away = await startRedis();
    const connection = new Redis(away.endpoint);
    connection.on("error", () => undefined);
    const kek = rateLimited(awsKms({ client, keyArn: await aws.admin.createKey() }), { limiter: sharedLimiter(connection) });
    await connection.ping();
    await kek.wrap(dataKey, kekCall());
    expect(aws.admin.takeRequests()).toHaveLength(1);
    await away.close();
    await expect.poll(() => connection.status).not.toBe("ready");
    const error = await kek.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
    expect(kekErrorCode(kek, error)).toBe("unavailable");
    expect(aws.admin.takeRequests()).toEqual([]);
    connection.disconnect();
    client.destroy();
  });

  describe("the script", () => {
    const limiter = (options: { points: number; duration?: number; burst: number }): RateLimiterRedis =>
      new RateLimiterRedis({
        storeClient: redis,
        points: options.points,
        duration: options.duration ?? 1,
        customIncrTtlLuaScript: tokenBucketScript({ burst: options.burst }),
        keyPrefix: crypto.randomUUID(),
      });
    const key = "quota";
    const keyOf = (of: RateLimiterRedis): string => of.getKey(key);
    const refusal = (of: RateLimiterRedis, wanted = 1): Promise<RateLimiterRes> =>
      of.consume(key, wanted).then(
        () => Promise.reject(new Error("it was not refused")),
        (refused: RateLimiterRes) => refused,
      );

    test("gives the burst, and then asks for the time of one token", async () => {
      const bucket = limiter({ points: 1, duration: 1_000, burst: 3 });
      for (let left = 2; left >= 0; left--) await bucket.consume(key);
      const { msBeforeNext } = await refusal(bucket);
      expect(msBeforeNext).toBeGreaterThan(999_000);
      expect(msBeforeNext).toBeLessThanOrEqual(1_000_000);
    });

    test("takes no token for a refused call", async () => {
      const bucket = limiter({ points: 1, duration: 1_000, burst: 1 });
      await bucket.consume(key);
      const before = await redis.hgetall(keyOf(bucket));
      for (let i = 0; i < 20; i++) await refusal(bucket);
      expect(await redis.hgetall(keyOf(bucket))).toEqual(before);
    });

    test("fills at the rate, with fractions, and never above the burst", async () => {
      const bucket = limiter({ points: 1, duration: 100, burst: 2 });
      await bucket.consume(key, 2);
      await back(keyOf(bucket), 150_000);
      await bucket.consume(key);
      expect((await refusal(bucket)).msBeforeNext).toBeLessThanOrEqual(50_000);
      await back(keyOf(bucket), 1e9);
      await bucket.consume(key, 2);
      await refusal(bucket);
    });

    test("gives nothing for a clock that goes back", async () => {
      const bucket = limiter({ points: 1, duration: 100, burst: 1 });
      await bucket.consume(key);
      await back(keyOf(bucket), -3_600_000);
      expect((await refusal(bucket)).msBeforeNext).toBeLessThanOrEqual(100_000);
    });

    test("forgets a bucket that is full anyway, and no sooner", async () => {
      const bucket = limiter({ points: 10, duration: 1, burst: 20 });
      await bucket.consume(key);
      const ttl = await redis.pttl(keyOf(bucket));
      expect(ttl).toBeGreaterThan(2_000);
      expect(ttl).toBeLessThanOrEqual(3_000);
    });

    test("never gives more than the bucket holds", async () => {
      const bucket = limiter({ points: 100, burst: 2 });
      await refusal(bucket, 3);
      expect(await redis.exists(keyOf(bucket))).toBe(0);
      await bucket.consume(key, 2);
    });

    test("keeps quotas apart", async () => {
      const bucket = limiter({ points: 1, duration: 1_000, burst: 1 });
      await bucket.consume("one");
      await bucket.consume("other");
    });

    /** As if the last token had been taken so much earlier. */
    async function back(hash: string, ms: number): Promise<void> {
      const at = Number(await redis.hget(hash, "at"));
      await redis.hset(hash, "at", String(at - ms));
    }
  });
});

test.each([0, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("a script for a burst of %d is refused", (size) => {
  expect(() => tokenBucketScript({ burst: size })).toThrow(RangeError);
});

/** The most calls above what is allowed between any two of them, the first and the last included. */
function crowd(at: readonly number[], latenessMs: number): number {
  const sorted = at.toSorted((a, b) => a - b);
  let most = -Infinity;
  for (const [i, first] of sorted.entries()) {
    for (let j = i; j < sorted.length; j++) {
      const allowed = burst + (rate * ((sorted[j] ?? 0) - first + latenessMs)) / 1000;
      most = Math.max(most, j - i + 1 - allowed);
    }
  }
  return most;
}

async function startCaller(...args: readonly (string | number)[]): Promise<ChildProcess> {
  const program = join(import.meta.dirname, "support", "limited-caller.ts");
  const caller = spawn(process.execPath, ["--conditions=source", program, ...args.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  await once(caller.stdout, "data");
  return caller;
}
