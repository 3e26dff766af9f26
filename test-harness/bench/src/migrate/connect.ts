import pg from "pg";

/** Connections to the database of a server that `startPostgres` started. */
export function connect(endpoint: string, connections: number): pg.Pool {
  const { hostname, port } = new URL(endpoint);
  return new pg.Pool({ host: hostname, port: Number(port), user: "postgres", database: "postgres", max: connections });
}
