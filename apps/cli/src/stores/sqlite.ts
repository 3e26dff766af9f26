import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "@letterlock/migrate";
import type { Explanation } from "../drivers/explanation.ts";
import { usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";
import { endingError } from "./named-store.ts";
import type { SqliteEntry } from "./store-entry.ts";
import { unwritableFile, unwritableFolder } from "./unwritable-path.ts";

/** How long a writer waits for another one. */
const busyMs = 5_000;

export async function openSqlite(name: string, { file: written, table, column, key }: SqliteEntry, base: string): Promise<ConnectedStore> {
  const file = resolve(base, written);
  // SQLite would make a database there.
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw usage(`stores.${name}.file: ${file} cannot be read: ${error.code}`);
  });
  if (!found.isFile()) throw usage(`stores.${name}.file: ${file} is no file`);
  const database = await connect(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    const store = sqliteStore({ database, table, column, key });
    requireColumn(name, database, table, column);
    // Beside the database SQLite keeps what a change needs to be undone.
    const mayNotWrite = async (): Promise<string | undefined> => (await unwritableFile(file)) ?? (await unwritableFolder(dirname(file)));
    return { store, place: file, mayNotWrite, explain, close: async () => database.close() };
  } catch (error) {
    database.close();
    throw endingError({ name, place: file, explain }, error);
  }
}

async function connect(file: string): Promise<DatabaseSync> {
  const sqlite = await import("node:sqlite").catch(() => {
    throw usage("stores of type sqlite need node:sqlite: run Node.js 22.13 or later");
  });
  return new sqlite.DatabaseSync(file);
}

function requireColumn(name: string, database: DatabaseSync, table: string, column: string): void {
  const names = database
    .prepare("SELECT name FROM pragma_table_xinfo(?)")
    .all(table)
    .map((row) => String(row.name));
  // SQLite takes column names in any case.
  if (names.some((one) => one.toLowerCase() === column.toLowerCase())) return;
  throw usage(`stores.${name}.column: ${table} has no column ${column}: it has ${names.join(", ")}`);
}

/** Result codes of SQLite; the low byte is the kind. */
function explain(error: unknown): Explanation {
  const { errcode } = error as { readonly errcode?: unknown };
  switch (Number(errcode) & 0xff) {
    case 5:
    case 6:
      return { code: "unavailable", advice: "another process holds it locked" };
    case 3:
    case 14:
    case 23:
      return { code: "access-denied", advice: "look at the permissions of the file and its folder" };
    case 11:
      return { code: "provider-error", advice: "the database is damaged: PRAGMA integrity_check tells more" };
    case 26:
      return { code: "wrong-usage", advice: "it is no database of SQLite: name another file" };
    default:
      return { code: "provider-error" };
  }
}
