import { postgresKeyStore } from "@letterlock/keyring";
import pg from "pg";
import { answerDeadlineMs, connectDeadlineMs } from "../drivers/explanation.ts";
import { explainPostgres } from "../drivers/postgres-errors.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { PostgresStoreUri } from "./key-store-uri.ts";

/** One connection: the work is done one statement after the other. What the URI does not say, the driver takes from PGUSER, PGPASSWORD and their like. */
export async function openPostgresStore({ connection, table }: PostgresStoreUri): Promise<ConnectedStore> {
  const client = new pg.Client({
    connectionString: connection,
    connectionTimeoutMillis: connectDeadlineMs,
    query_timeout: answerDeadlineMs,
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
    explain: (error) =>
      explainPostgres(error, { table: "say which with ?table=NAME", rights: "the user needs SELECT and UPDATE on the table" }),
    close: () => client.end(),
  };
}
