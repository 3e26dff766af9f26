import { Redis, type RedisOptions } from "ioredis";
import { answerDeadlineMs, connectDeadlineMs } from "./explanation.ts";
import type { RedisAddress } from "./redis-url.ts";

export interface RedisConnection {
  readonly client: Redis;
  /** The error behind one that says only that the connection is closed. */
  reasonOf(error: unknown): unknown;
  close(): Promise<void>;
}

type AddressOptions = Pick<RedisOptions, "host" | "port" | "db" | "tls" | "username" | "password">;

/** What ioredis calls the parts of an address. The password may come from REDISCLI_AUTH, as for redis-cli. */
export function redisOptions({ host, port, database, tls, user, password = process.env.REDISCLI_AUTH }: RedisAddress): AddressOptions {
  return {
    ...{ host, port, db: database },
    ...(tls && { tls: {} }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
  };
}

/** Connects with the first command, and never again: a command that stopped says where it goes on. */
export function redisClient(address: RedisAddress): RedisConnection {
  const client = new Redis({
    ...redisOptions(address),
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
