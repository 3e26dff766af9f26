import { contentDigest } from "./content-digest.ts";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { isInPartition, onePartition } from "./hash-partition.ts";
import { checkNames } from "./migration.ts";

/** The part of a Redis of `ioredis` that is used: any command, with its answer in bytes. */
export interface RedisCaller {
  callBuffer(command: string, ...values: (string | Buffer | number)[]): Promise<unknown>;
}

export interface RedisStoreOptions {
  /** Of one primary, not of a cluster, and without a keyPrefix. It stays its owner's. */
  readonly client: RedisCaller;
  /** What the keys begin with; every key by default. Keys of another type than strings, or than hashes where `field` is given, are no objects. */
  readonly prefix?: string | undefined;
  /** The field of a hash that holds the object; without it, keys are strings. */
  readonly field?: string | undefined;
  /** About how many keys are fetched at once, with their values; 100 by default. */
  readonly pageKeys?: number | undefined;
}

/**
 * Strings, or one field of hashes, in Redis 6 or later. The comparison is a script, with the old value, and holds against everybody. The time to live of a key stays; that of a
 * field, which Redis has from 7.4 on, does not. SCAN may name a key twice while the table shrinks: those that are a hundred thousand keys apart would be counted twice.
 * How durable a replacement is, is the server's configuration. It is one partition, because SCAN goes through all keys and cannot begin at one; of a cluster, each primary
 * is a store.
 */
export function redisStore(options: RedisStoreOptions): EnvelopeStore {
  checkNames(options, ["client", "prefix", "field", "pageKeys"], "options");
  const { client, prefix = "", field, pageKeys = 100 } = options;
  if (typeof client?.callBuffer !== "function") throw new TypeError("client must be a Redis of ioredis");
  requireWholeKeys(client);
  if (!Number.isSafeInteger(pageKeys) || pageKeys < 1) throw new RangeError("pageKeys must be a whole number of at least 1");
  const place = (key: Buffer): (string | Buffer)[] => (field === undefined ? [key] : [key, field]);
  const valueAt = async (key: Buffer): Promise<Buffer | null> =>
    (await client.callBuffer(field === undefined ? "GET" : "HGET", ...place(key))) as Buffer | null;
  const sizeAt = async (key: Buffer): Promise<number> =>
    Number(await client.callBuffer(field === undefined ? "STRLEN" : "HSTRLEN", ...place(key)));
  const listed = (key: Buffer): Promise<Buffer | null> => valueAt(key).catch(ofAnotherType);
  const type = field === undefined ? "string" : "hash";

  const page = async (cursor: string): Promise<Page> => {
    const answer = await client.callBuffer("SCAN", cursor, "MATCH", `${escaped(prefix)}*`, "COUNT", pageKeys, "TYPE", type);
    const [next, keys] = answer as [Buffer, Buffer[]];
    const sizes = await Promise.all(keys.map((key) => sizeAt(key).catch(ofAnotherType)));
    const values = await Promise.all(keys.map(async (key, i) => ((sizes[i] ?? 0) > inlineBytes ? later : await listed(key))));
    return { next: next.toString(), keys, values, seal: contentDigest(Buffer.concat(keys.flatMap((key) => [key, Buffer.of(0)]))) };
  };

  return {
    description: `redis ${prefix}*${field === undefined ? "" : ` ${field}`}`,
    partitions: async (target) => onePartition(target),
    async *scan(partition, { after, signal } = {}) {
      const seen = new Set<string>();
      let [cursor = "0", from = "0", seal = ""] = (after ?? "").split(":").filter((part) => part !== "");
      do {
        signal?.throwIfAborted();
        const { next, keys, values, ...found } = await page(cursor);
        // The place within a page counts only while the page has the same keys.
        const skip = found.seal === seal ? Number(from) : 0;
        for (const [i, key] of keys.entries()) {
          signal?.throwIfAborted();
          const id = idOf(key);
          if (i < skip || seen.has(id) || !isInPartition(id, partition)) continue;
          const value = values[i] === later ? await listed(key) : values[i];
          if (value === null || value === undefined) continue;
          remember(seen, id);
          yield stored(id, value, `${cursor}:${i + 1}:${found.seal}`);
        }
        [cursor, from, seal] = [next, "0", ""];
      } while (cursor !== "0");
    },
    async replace(id, expected, object): Promise<Replaced> {
      const key = keyOf(id);
      const now = await valueAt(key);
      if (now === null) return "gone";
      if (contentDigest(now) !== expected) return "conflict";
      const answer = await client.callBuffer(
        "EVAL",
        field === undefined ? replaceString : replaceField,
        1,
        key,
        now,
        Buffer.from(object),
        ...place(key).slice(1),
      );
      return String(answer) as Replaced;
    },
  };
}

/** SCAN knows nothing of a prefix that the client puts before keys, so every GET would miss, and a store full of objects would look empty; of a cluster, SCAN sees one node. */
function requireWholeKeys(client: RedisCaller): void {
  const { options, isCluster } = client as { readonly options?: { readonly keyPrefix?: unknown }; readonly isCluster?: unknown };
  if (typeof options?.keyPrefix === "string" && options.keyPrefix !== "")
    throw new TypeError("client has a keyPrefix: take a client without one, and give the prefix to the store");
  if (isCluster === true) throw new TypeError("client is a cluster: make a store of each primary");
}

/** Somebody put another thing in its place since it was listed: it is no object any more. */
function ofAnotherType(error: unknown): null {
  if (error instanceof Error && error.message.startsWith("WRONGTYPE")) return null;
  throw error;
}

const replaceString = `local now = redis.call('GET', KEYS[1])
if not now then return 'gone' end
if now ~= ARGV[1] then return 'conflict' end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 'replaced'`;

const replaceField = `local now = redis.call('HGET', KEYS[1], ARGV[3])
if not now then return 'gone' end
if now ~= ARGV[1] then return 'conflict' end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[2])
return 'replaced'`;

/** Values up to here come with their page, larger ones when it is their turn: a page of them might not fit into memory. */
const inlineBytes = 65_536;
const later = Symbol("later");

interface Page {
  readonly next: string;
  readonly keys: readonly Buffer[];
  readonly values: readonly (Buffer | null | typeof later)[];
  readonly seal: string;
}

const mostRemembered = 100_000;

function remember(seen: Set<string>, id: string): void {
  seen.add(id);
  if (seen.size > mostRemembered) for (const first of seen) return void seen.delete(first);
}

function stored(id: string, value: Buffer, cursor: string): StoredObject {
  const read = async (bytes?: number): Promise<Uint8Array> => new Uint8Array(value.subarray(0, bytes));
  return { id, version: contentDigest(value), size: value.length, cursor, read: () => read(), readHead: read };
}

/** UTF-8 where the bytes are that; else a NUL and hex. */
function idOf(key: Buffer): string {
  const text = key.toString();
  return Buffer.from(text).equals(key) && !text.startsWith("\0") ? text : `\0${key.toString("hex")}`;
}

function keyOf(id: string): Buffer {
  return id.startsWith("\0") ? Buffer.from(id.slice(1), "hex") : Buffer.from(id);
}

function escaped(prefix: string): string {
  return prefix.replaceAll(/[\\*?[\]^-]/g, "\\$&");
}
