import { postgresKeyStore } from "@letterlock/keyring";
import pg from "pg";
import { type ConnectedStore, connectDeadlineMs, type Explanation, storeDeadlineMs } from "./connected-store.ts";
import type { PostgresStoreUri } from "./key-store-uri.ts";

/** One connection: the work is done one statement after the other. What the URI does not say, the driver takes from PGUSER, PGPASSWORD and their like. */
export async function openPostgresStore({ connection, table }: PostgresStoreUri): Promise<ConnectedStore> {
  const client = new pg.Client({
    connectionString: connection,
    connectionTimeoutMillis: connectDeadlineMs,
    query_timeout: storeDeadlineMs,
    application_name: "letterlock",
  });
  // A connection that ends between two statements: the next one says so.
  client.on("error", () => {});
  const store = postgresKeyStore({ client: { query: (text, values) => client.query(text, values) }, table });
  let connecting: Promise<void> | undefined;
  const connected = async (): Promise<void> => {
    connecting ??= client.connect().then(() => undefined);
    return connecting;
  };
  return {
    store: {
      ...store,
      async *list(options) {
        await connected();
        yield* store.list(options);
      },
    },
    explain,
    close: () => client.end(),
  };
}

/** SQLSTATE, appendix A of the manual of PostgreSQL. */
function explain(error: unknown): Explanation {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const state = String(code);
  if (/^28/.test(state)) return { code: "access-denied", advice: "the user or the password is wrong" };
  if (state === "42501") return { code: "access-denied", advice: "the user needs SELECT and UPDATE on the table" };
  if (state === "3D000") return { code: "provider-error", advice: "there is no such database" };
  if (state === "42P01" || state === "3F000")
    return { code: "provider-error", advice: "there is no such table: say which with ?table=NAME" };
  if (state === "53300" || /^(08|57P0)/.test(state)) return { code: "unavailable" };
  // The driver has no code for these.
  if (/timeout|terminated|ended by|not queryable/i.test(String(message))) return { code: "unavailable" };
  return { code: "provider-error" };
}
