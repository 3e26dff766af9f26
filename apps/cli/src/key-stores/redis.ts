import { redisKeyStore } from "@letterlock/keyring";
import { Redis } from "ioredis";
import { type ConnectedStore, connectDeadlineMs, type Explanation, storeDeadlineMs } from "./connected-store.ts";
import type { RedisStoreUri } from "./key-store-uri.ts";

/** It does not connect again: a command that stopped says where it goes on. The password may come from REDISCLI_AUTH, as for redis-cli. */
export async function openRedisStore({ host, port, database, tls, user, password, prefix }: RedisStoreUri): Promise<ConnectedStore> {
  const secret = password ?? process.env.REDISCLI_AUTH;
  const client = new Redis({
    host,
    port,
    db: database,
    ...(tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { username: user }),
    ...(secret === undefined ? {} : { password: secret }),
    connectTimeout: connectDeadlineMs,
    commandTimeout: storeDeadlineMs,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // A command that finds the connection closed knows only that; this is why.
  let reason: unknown;
  client.on("error", (error) => {
    reason ??= error;
  });
  const store = redisKeyStore({ client, prefix });
  return {
    store,
    reasonOf: (error) => (isClosed(error) ? (reason ?? error) : error),
    explain,
    close: async () => client.disconnect(),
  };
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && /Connection is closed/i.test(error.message);
}

/** Errors of Redis begin with a word in capitals. */
function explain(error: unknown): Explanation {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message);
  if (/WRONGPASS|NOAUTH|invalid password/.test(text)) return { code: "access-denied", advice: "the user or the password is wrong" };
  if (/NOPERM/.test(text)) return { code: "access-denied", advice: "the user needs EVAL on the keys below the prefix" };
  if (/^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN)\b/.test(text)) return { code: "unavailable" };
  if (/timed? ?out|connection is closed|retries per request/i.test(text) || code !== undefined) return { code: "unavailable" };
  return { code: "provider-error" };
}
