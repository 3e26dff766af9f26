import type { Client } from "pg";

/** A client of `pg` for the server at `address`, not connected yet. */
export async function postgresClient(address: string): Promise<Client> {
  // The test runner resolves for "import" whatever is required, and so the pool of pg, which the whole of it loads, is not found.
  const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
  const { hostname, port } = new URL(address);
  return new Connection({ host: hostname, port: Number(port), user: "postgres" });
}
