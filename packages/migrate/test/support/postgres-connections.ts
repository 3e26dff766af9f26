import type { Client } from "pg";
import type { PostgresClient } from "../../src/index.ts";
import { postgresClient } from "./postgres-client.ts";

/** Some connections that take turns. */
export async function connectAll(address: string, count: number): Promise<PostgresClient & { end(): Promise<void> }> {
  const clients = await Promise.all(Array.from({ length: count }, () => postgresClient(address)));
  for (const client of clients) await client.connect();
  const last: Promise<unknown>[] = clients.map(() => Promise.resolve());
  let turn = 0;
  return {
    query(text, values) {
      const mine = turn++ % count;
      const client = clients[mine] as Client;
      const result = (last[mine] as Promise<unknown>).then(() => client.query(text, values));
      last[mine] = result.catch(() => undefined);
      return result;
    },
    async end() {
      await Promise.all(last);
      for (const client of clients) await client.end();
    },
  };
}
