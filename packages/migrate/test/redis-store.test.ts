import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisCaller, redisStore } from "../src/index.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.skipIf(!requireDebianServer("redis-server"))("redisStore", () => {
  let client: Redis;
  let other: Redis;
  beforeAll(async () => {
    const { endpoint } = running.use(await startRedis());
    [client, other] = [new Redis(endpoint), new Redis(endpoint)];
    running.defer(() => {
      client.disconnect();
      other.disconnect();
    });
  }, 60_000);
  let prefixes = 0;

  for (const field of [undefined, "ssn"]) {
    testShippedStore("redisStore", field === undefined ? "of strings" : "of a field of hashes", async () => {
      const prefix = `[a]*-${prefixes++}:`;
      await client.set(`a-${prefixes}`, "not ours");
      await client.rpush(`${prefix}list`, "of another type");
      const open = (of: Redis) => redisStore({ client: of, prefix, field, pageKeys: 20 });
      return {
        store: open(client),
        another: async () => open(other),
        put: async (name, object) => {
          const value = Buffer.from(object);
          await (field === undefined ? client.set(prefix + name, value) : client.hset(prefix + name, field, value, "other", "stays"));
          return prefix + name;
        },
        delete: async (name) => void (await client.del(prefix + name)),
        get: async (name) => {
          const value = await (field === undefined ? client.getBuffer(prefix + name) : client.hgetBuffer(prefix + name, field));
          return value === null ? undefined : new Uint8Array(value);
        },
        // A primary that has lost its replicas refuses writes.
        forbid: async () => {
          await client.config("SET", "min-replicas-to-write", 1);
          return async () => void (await client.config("SET", "min-replicas-to-write", 0));
        },
        forbidReading: async () => {
          await client.call("ACL", "SETUSER", "default", "-@read");
          return async () => void (await client.call("ACL", "SETUSER", "default", "+@read"));
        },
      };
    });
  }

  test("keeps the time to live, and takes keys that are no UTF-8", async () => {
    const key = Buffer.from([0x74, 0x74, 0x6c, 0xff]);
    await client.set(key, "before", "EX", 1000);
    const store = redisStore({ client, prefix: "ttl" });
    for await (const { id, version } of store.scan("0/1", {}))
      expect(await store.replace(id, version, Buffer.from("after"))).toBe("replaced");
    expect(await client.get(key)).toBe("after");
    expect(await client.ttl(key)).toBeGreaterThan(900);
  });

  test("refuses a client that puts a prefix before keys, or asks one node of several", async () => {
    const prefixed = new Redis({ keyPrefix: "app:", lazyConnect: true });
    expect(() => redisStore({ client: prefixed })).toThrow(/keyPrefix/);
    const cluster = new Cluster([], { lazyConnect: true });
    expect(() => redisStore({ client: cluster })).toThrow(/each primary/);
  });

  test("takes a key for no object that became something else after it was listed", async () => {
    await client.set("turning", "before");
    const turning: RedisCaller = {
      callBuffer: async (command, ...values) => {
        if (command === "GET") await client.multi().del("turning").rpush("turning", "a list").exec();
        return await other.callBuffer(command, ...values);
      },
    };
    const ids: string[] = [];
    for await (const { id } of redisStore({ client: turning, prefix: "turning" }).scan("0/1", {})) ids.push(id);
    expect(ids).toEqual([]);
  });

  test("reads values that are large one at a time, and small ones with their page", async () => {
    for (let i = 0; i < 10; i++) await client.set(`sized:${i}`, Buffer.alloc(i % 2 === 0 ? 1_000_000 : 100, 0x61));
    const asked: string[] = [];
    const asking: RedisCaller = {
      callBuffer: async (command, ...values) => {
        if (command === "GET") asked.push(String(values[0]));
        return await other.callBuffer(command, ...values);
      },
    };
    const sizes: number[] = [];
    for await (const { size, read } of redisStore({ client: asking, prefix: "sized:", pageKeys: 1_000_000 }).scan("0/1", {})) {
      sizes.push(size);
      expect((await read()).length).toBe(size);
      // Five small ones of the page, and the large ones so far.
      expect(asked.length).toBe(5 + sizes.filter((one) => one > 100).length);
    }
    expect(sizes.sort((a, b) => a - b)).toEqual([100, 100, 100, 100, 100, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000]);
  });

  test("lists every key while the table grows and shrinks", { timeout: 60_000 }, async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `many:${i}`);
    await client.mset(new Map(names.map((name) => [name, "x"])));
    const passing = Array.from({ length: 20_000 }, (_, i) => `passing:${i}`);
    await client.mset(new Map(passing.map((name) => [name, "x"])));
    const seen: string[] = [];
    for await (const { id } of redisStore({ client: other, prefix: "many:" }).scan("0/1", {})) {
      seen.push(id);
      if (seen.length === 500) await client.del(passing);
      if (seen.length === 1500) await client.mset(new Map(passing.map((name) => [name, "x"])));
    }
    expect(seen.sort()).toEqual(names.sort());
  });
});
