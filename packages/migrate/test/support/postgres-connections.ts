import type { Client } from "pg";
import type { PostgresClient } from "../../src/index.ts";

/** Some connections that take turns. The test runner resolves for "import" whatever is required, and so the pool of pg, which the whole of it loads, is not found. */
export async function connectAll(address: string, count: number): Promise<PostgresClient & { end(): Promise<void> }> {
  const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
  const { hostname, port } = new URL(address);
  const clients = Array.from({ length: count }, () => new Connection({ host: hostname, port: Number(port), user: "postgres" }));
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
