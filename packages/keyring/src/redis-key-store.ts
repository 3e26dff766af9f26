import { fromText, inspect, toText } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

/** The part of a client of `ioredis` that is used. The client stays its owner's. */
export interface RedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export interface RedisKeyStoreOptions {
  readonly client: RedisClient;
  /** What every name in Redis begins with; "{letterlock}:" by default. It holds one {tag}, so that a cluster keeps everything in one of its slots. */
  readonly prefix?: string | undefined;
}

/**
 * A key store in Redis 7, or in what speaks its protocol and runs its scripts. Each member is one script, and so atomic. A script answers "durable" as soon as the
 * server does: it has to run with `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`, for a key that is lost or evicted is data that nobody opens
 * again, and a failover to a replica that lags behind loses keys too. Where that cannot be promised, use another store.
 */
export function redisKeyStore({ client, prefix = "{letterlock}:" }: RedisKeyStoreOptions): KeyStore {
  if (typeof client?.eval !== "function") throw new TypeError("client must have the eval of ioredis");
  if (typeof prefix !== "string" || !/^[^{}]*\{[^{}]+\}[^{}]*$/.test(prefix))
    throw new TypeError('prefix must hold one tag: "{letterlock}:"');
  const run = async (script: string, ...values: string[]): Promise<unknown> => client.eval(named + script, 1, prefix, ...values);
  const found = async (script: string, ...values: string[]): Promise<StoredKey | undefined> => storedKeys(await run(script, ...values))[0];
  return {
    get: (keyId) => found(getScript, keyId),
    current: (slot) => found(currentScript, slot),
    async create(slot, blob, after) {
      const [created, fields] = (await run(createScript, slot, inspect(blob).keyId, toText(blob), after ?? "")) as [number, unknown];
      const key = storedKeys(fields)[0];
      return created === 1 && key !== undefined ? { created: true, key } : { created: false, key };
    },
    async replace(keyId, expected, blob) {
      return (await run(replaceScript, keyId, toText(expected), toText(blob))) as "replaced" | "conflict" | "gone";
    },
    async *list({ after = "", signal } = {}) {
      for (let last = after; ; ) {
        signal?.throwIfAborted();
        const page = storedKeys(await run(listScript, last === "" ? "-" : `(${last}`));
        for (const key of page) {
          yield key;
          last = key.keyId;
        }
        if (page.length === 0) return;
      }
    },
    destroy: async (slot) => (await run(destroyScript, slot)) as string[],
  };
}

// A hash for each key, a list of keyIds for each slot, and a sorted set of all keyIds, whose scores are all 0: so it is in the order of bytes.
const named = `
local key = function(keyId) return KEYS[1] .. 'key:' .. keyId end
local slot = function(name) return KEYS[1] .. 'slot:' .. name end
local all = KEYS[1] .. 'keys'
local fields = function(keyId)
  local values = redis.call('HMGET', key(keyId), 'slot', 'sequence', 'createdAt', 'blob')
  if not values[1] then return {} end
  return {keyId, values[1], values[2], values[3], values[4]}
end
`;
const getScript = "return fields(ARGV[1])";
const currentScript = "return fields(redis.call('LINDEX', slot(ARGV[1]), -1) or '')";
const createScript = `
local current = redis.call('LINDEX', slot(ARGV[1]), -1) or ''
if current ~= ARGV[4] or redis.call('EXISTS', key(ARGV[2])) == 1 then return {0, fields(current)} end
local time = redis.call('TIME')
local sequence = redis.call('RPUSH', slot(ARGV[1]), ARGV[2])
local createdAt = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', key(ARGV[2]), 'slot', ARGV[1], 'sequence', sequence, 'createdAt', createdAt, 'blob', ARGV[3])
redis.call('ZADD', all, 0, ARGV[2])
return {1, fields(ARGV[2])}`;
const replaceScript = `
local blob = redis.call('HGET', key(ARGV[1]), 'blob')
if not blob then return 'gone' end
if blob ~= ARGV[2] then return 'conflict' end
redis.call('HSET', key(ARGV[1]), 'blob', ARGV[3])
return 'replaced'`;
const listScript = `
local page = {}
for _, keyId in ipairs(redis.call('ZRANGE', all, ARGV[1], '+', 'BYLEX', 'LIMIT', 0, 100)) do
  for _, field in ipairs(fields(keyId)) do page[#page + 1] = field end
end
return page`;
const destroyScript = `
local keyIds = redis.call('LRANGE', slot(ARGV[1]), 0, -1)
for _, keyId in ipairs(keyIds) do
  redis.call('DEL', key(keyId))
  redis.call('ZREM', all, keyId)
end
redis.call('DEL', slot(ARGV[1]))
return keyIds`;

/** Five fields for each key. */
function storedKeys(answer: unknown): StoredKey[] {
  const fields = answer as readonly string[];
  const keys: StoredKey[] = [];
  for (let at = 0; at < fields.length; at += 5) {
    const [keyId = "", slot = "", sequence, createdAt, blob] = fields.slice(at, at + 5);
    keys.push({ keyId, slot, sequence: Number(sequence), createdAt: Number(createdAt), blob: blobIn(blob) });
  }
  return keys;
}

/** Empty where the text is damaged. */
function blobIn(text: unknown): Uint8Array {
  try {
    return fromText(text as string);
  } catch {
    return new Uint8Array();
  }
}
