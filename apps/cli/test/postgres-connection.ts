import type { Client } from "pg";

/** A connection to the database of a server that `startPostgres` started, the caller's to end. `host`: HOST:PORT. */
export async function connectToPostgres(host: string): Promise<Client> {
  // The test runner resolves for "import" whatever is required, and so the pool of pg, which the whole of it loads, is not found.
  const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
  const client = new Connection({ host: "127.0.0.1", port: Number(host.split(":")[1]), user: "postgres", database: "postgres" });
  await client.connect();
  return client;
}
