import { Redis } from "ioredis";
import { answerDeadlineMs, connectDeadlineMs } from "./explanation.ts";
import type { RedisAddress } from "./redis-url.ts";

export interface RedisConnection {
  readonly client: Redis;
  /** The error behind one that says only that the connection is closed. */
  reasonOf(error: unknown): unknown;
  close(): Promise<void>;
}

/** Connects with the first command, and never again: a command that stopped says where it goes on. The password may come from REDISCLI_AUTH, as for redis-cli. */
export function redisClient({ host, port, database, tls, user, password }: RedisAddress): RedisConnection {
  const secret = password ?? process.env.REDISCLI_AUTH;
  const client = new Redis({
    host,
    port,
    db: database,
    ...(tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { username: user }),
    ...(secret === undefined ? {} : { password: secret }),
    connectTimeout: connectDeadlineMs,
    commandTimeout: answerDeadlineMs,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // A command that finds the connection closed knows only that; this is why.
  let reason: unknown;
  client.on("error", (error) => {
    reason ??= error;
  });
  return {
    client,
    reasonOf: (error) => (isClosed(error) ? (reason ?? error) : error),
    close: async () => client.disconnect(),
  };
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && /Connection is closed/i.test(error.message);
}
