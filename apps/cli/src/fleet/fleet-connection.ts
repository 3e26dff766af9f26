import { LetterlockError } from "@letterlock/core";
import type { Fleet } from "@letterlock/migrate/bullmq";
import type { Redis } from "ioredis";
import { driverError } from "../drivers/driver-error.ts";
import { parseRedisUrl, type RedisAddress, redisAddressText } from "../drivers/redis-url.ts";
import { isFailure } from "../failure.ts";
import { withPackages } from "../keks/optional-packages.ts";

/** What is installed beside letterlock to work with a queue. */
const packages = ["bullmq", "ioredis", "rate-limiter-flexible"];
const purpose = "a queue needs packages that are";
const form = "redis://[USER@]HOST[:PORT][/NUMBER][?queue=NAME], or rediss:// over TLS";

export interface FleetPlace {
  readonly fleet: Fleet;
  /** For people: without user and password. */
  readonly place: string;
}

/** The queue of an address for one command. A Redis that is away fails it, and nothing waits. The password may come from REDISCLI_AUTH. */
export async function withFleet<T>(url: string, work: (at: FleetPlace) => Promise<T>): Promise<T> {
  const { address, queue, place } = parsed(url);
  return await withPackages(packages, purpose, async () => {
    const { redisClient } = await import("../drivers/redis-client.ts");
    const { client, reasonOf, close } = redisClient(address);
    try {
      // The first command connects, before anything of BullMQ waits for the connection.
      await client.ping();
      return await work({ fleet: { connection: client, ...(queue !== undefined && { queue }) }, place });
    } catch (error) {
      throw await explained(reasonOf(error), place);
    } finally {
      await close();
    }
  });
}

/** The same for a worker, which waits while Redis is away, however long. */
export async function withWaitingFleet<T>(url: string, work: (at: FleetPlace) => Promise<T>): Promise<T> {
  const { address, queue, place } = parsed(url);
  // What is wrong with the address, the password or the rights shows at once, and not as patience.
  await withFleet(url, async ({ fleet }) => {
    const { fleetStatus } = await import("@letterlock/migrate/bullmq");
    await fleetStatus(fleet, { run: "" });
  });
  return await withPackages(packages, purpose, async () => {
    const connection = await waitingClient(address);
    try {
      return await work({ fleet: { connection, ...(queue !== undefined && { queue }) }, place });
    } finally {
      connection.disconnect();
    }
  });
}

async function waitingClient(address: RedisAddress): Promise<Redis> {
  const { Redis: Client } = await import("ioredis");
  const { redisOptions } = await import("../drivers/redis-client.ts");
  const client = new Client({ ...redisOptions(address), maxRetriesPerRequest: null });
  // The worker says that it waits; the connection tries again by itself.
  client.on("error", () => undefined);
  return client;
}

function parsed(url: string): { readonly address: RedisAddress; readonly queue: string | undefined; readonly place: string } {
  const { own, ...address } = parseRedisUrl(url, { where: "--queue", form }, ["queue"]);
  return { address, queue: own.queue, place: `${redisAddressText(address)}${own.queue === undefined ? "" : `?queue=${own.queue}`}` };
}

async function explained(error: unknown, place: string): Promise<unknown> {
  if (isFailure(error) || LetterlockError.is(error)) return error;
  if (!isOfRedis(error)) return error;
  const { explainRedis } = await import("../drivers/redis-errors.ts");
  return driverError(`the queue ${place}`, error, (unknown) => explainRedis(unknown, "the user needs everything on the keys letterlock:*"));
}

/** Errors of the connection have a code, and those of the server are named for it. */
function isOfRedis(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "code" in error || error.name === "ReplyError" || /connection is closed|timed? ?out|retries per request/i.test(error.message);
}
