import { resolve } from "node:path";
import { postgresStore } from "@letterlock/migrate";
import pg from "pg";
import { connectDeadlineMs, type Explanation } from "../drivers/explanation.ts";
import { explainPostgres } from "../drivers/postgres-errors.ts";
import { fileParameters, type PostgresAddress, parsePostgresUrl } from "../drivers/postgres-url.ts";
import { usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { PostgresEntry } from "./store-entry.ts";

const form = "postgres://[USER@]HOST[:PORT]/DATABASE[?sslmode=verify-full&sslrootcert=PATH]";

/** What the configuration does not say, the driver takes from PGHOST, PGPASSWORD and their like. */
export function openPostgres(name: string, entry: PostgresEntry, folder: string): ConnectedStore {
  const { url, table, column, path, key, pageRows, connections = 4, statementSeconds = 120, hiddenRows, foundIn } = entry;
  const address = url === undefined ? undefined : parsePostgresUrl(url, { where: `stores.${name}.url`, form }, []);
  if (address !== undefined && foundIn !== undefined) requireKnownServer(name, address, foundIn);
  const pool = new pg.Pool({
    ...(address !== undefined && { connectionString: connectionFor(address, folder) }),
    Client: ClientWithDeadline,
    max: connections,
    query_timeout: statementSeconds * 1000,
    application_name: "letterlock",
    keepAlive: true,
  });
  // A connection that ends between two statements: the pool makes another one.
  pool.on("error", () => {});
  const store = postgresStore({
    client: { query: (text, values) => pool.query(text, values) },
    ...{ table, column, path, key, pageRows, hiddenRows },
  });
  return {
    store,
    place: address === undefined ? placeOfEnvironment() : `postgres://${address.host}/${address.database ?? ""}`,
    async mayNotWrite() {
      // It looks at the table and the column: what is wrong there is said first.
      await store.partitions(1);
      const { rows } = await pool.query<{ may: boolean }>("SELECT has_column_privilege($1, $2, 'UPDATE') AS may", [quoted(table), column]);
      return rows[0]?.may === false ? `the user may not write ${table}.${column}: grant UPDATE on the column` : undefined;
    },
    explain,
    close: () => pool.end(),
  };
}

/** As PostgreSQL reads the name of a table in a text. */
function quoted(table: string): string {
  return table
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

/** The limit of a pool would count the time that a statement waits for a free connection too. */
class ClientWithDeadline extends pg.Client {
  constructor(options?: pg.ClientConfig) {
    super({ ...options, connectionTimeoutMillis: connectDeadlineMs });
  }
}

/** The file may have come with somebody else's files, and the password of the environment would go to whoever wrote it. */
function requireKnownServer(name: string, { host, hasPassword }: PostgresAddress, foundIn: string): void {
  const { PGPASSWORD, PGHOST = "", PGPORT = "5432" } = process.env;
  if (hasPassword || PGPASSWORD === undefined) return;
  const own = `${PGHOST.toLowerCase()}:${PGPORT}`;
  const asked = /:\d+$/.test(host) ? host : `${host}:5432`;
  if (own === asked.toLowerCase()) return;
  throw usage(
    `${foundIn} was found, not named, so PGPASSWORD does not go to the ${host} of stores.${name}: if that is your server, set PGHOST and PGPORT to it, or name the configuration with --config`,
  );
}

/** Files of certificates are relative to the configuration, as every path in it. */
function connectionFor({ connection }: PostgresAddress, folder: string): string {
  const url = new URL(connection);
  for (const parameter of fileParameters) {
    const path = url.searchParams.get(parameter);
    if (path !== null) url.searchParams.set(parameter, resolve(folder, path));
  }
  return url.href;
}

function placeOfEnvironment(): string {
  const { PGHOST = "localhost", PGPORT = "5432", PGDATABASE = "" } = process.env;
  return `postgres://${PGHOST}:${PGPORT}/${PGDATABASE}`;
}

function explain(error: unknown): Explanation {
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  if (message === "Query read timeout" || code === "57014")
    return { code: "unavailable", advice: 'a statement took too long: allow it more with "statementSeconds"' };
  return explainPostgres(error, {
    table: 'compare "table" with the database, upper and lower case too',
    rights: "the user needs USAGE on the schema, SELECT on the column and the key, and UPDATE on the column",
  });
}
