import type { Client } from "pg";
import type { PostgresClient } from "../../src/index.ts";

/** A connection that may break: its queries reject then, and nothing else happens. */
export interface OneConnection extends PostgresClient {
  /** Of the server's process that serves it. */
  readonly pid: number;
  end(): Promise<void>;
}

/** The test runner resolves for "import" whatever is required, and so the pool of pg is not found: this is the client alone. */
export async function connectOnce(address: string): Promise<OneConnection> {
  const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
  const { hostname, port } = new URL(address);
  const client = new Connection({ host: hostname, port: Number(port), user: "postgres" });
  client.on("error", () => undefined);
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  return { pid: rows[0].pid, query: (text, values) => client.query(text, values), end: () => client.end().catch(() => undefined) };
}
