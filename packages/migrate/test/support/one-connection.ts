import type { PostgresClient } from "../../src/index.ts";
import { postgresClient } from "./postgres-client.ts";

/** A connection that may break: its queries reject then, and nothing else happens. */
export interface OneConnection extends PostgresClient {
  /** Of the server's process that serves it. */
  readonly pid: number;
  end(): Promise<void>;
}

export async function connectOnce(address: string): Promise<OneConnection> {
  const client = await postgresClient(address);
  client.on("error", () => undefined);
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  return { pid: rows[0].pid, query: (text, values) => client.query(text, values), end: () => client.end().catch(() => undefined) };
}
