import { redisKeyStore } from "@letterlock/keyring";
import { redisClient } from "../drivers/redis-client.ts";
import { explainRedis } from "../drivers/redis-errors.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { RedisStoreUri } from "./key-store-uri.ts";

export async function openRedisStore(uri: RedisStoreUri): Promise<ConnectedStore> {
  const { client, reasonOf, close } = redisClient(uri);
  return {
    store: redisKeyStore({ client, prefix: uri.prefix }),
    reasonOf,
    explain: (error) => explainRedis(error, "the user needs EVAL on the keys below the prefix"),
    close,
  };
}
