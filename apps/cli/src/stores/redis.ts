import { redisStore } from "@letterlock/migrate";
import { redisClient } from "../drivers/redis-client.ts";
import { explainRedis } from "../drivers/redis-errors.ts";
import { parseRedisUrl, redisAddressText } from "../drivers/redis-url.ts";
import { usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { RedisEntry } from "./store-entry.ts";

const form = "redis://[USER@]HOST[:PORT][/NUMBER], or rediss:// over TLS";

export function openRedis(name: string, { url, prefix, field, pageKeys, foundIn }: RedisEntry): ConnectedStore {
  const address = parseRedisUrl(url, { where: `stores.${name}.url`, form }, []);
  if (foundIn !== undefined && address.password === undefined && process.env.REDISCLI_AUTH !== undefined) {
    throw usage(
      `${foundIn} was found, not named, so REDISCLI_AUTH does not go to the ${redisAddressText(address)} of stores.${name}: if that is your server, name the configuration with --config`,
    );
  }
  const { client, reasonOf, close } = redisClient(address);
  return {
    store: redisStore({ client, prefix, field, pageKeys }),
    place: redisAddressText(address),
    async check() {
      const said = await client.info("cluster").catch((error: Error) => {
        if (/NOPERM/.test(error.message)) return "";
        throw error;
      });
      // It would list the keys of one node, and leave those of the others out.
      if (/^cluster_enabled:1/m.test(said))
        throw usage(`stores.${name}.url: ${redisAddressText(address)} is a node of a cluster: a store is one primary`);
    },
    reasonOf,
    explain: (error) => explainRedis(error, "the user needs SCAN, EVAL, and GET and SET or HGET and HSET, on the keys below the prefix"),
    close,
  };
}
