import type { DatabaseSync } from "node:sqlite";

/** "LtrJ": at byte 68 of every SQLite file stands whose it is. */
export const applicationId: number = 0x4c_74_72_4a;
export const schemaVersion: number = 1;

/** Runs are in the order of `id`, whatever the clock said. Texts of others are JSON, because a text in SQLite may lose what follows a NUL. */
const tables: readonly string[] = [
  `CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, start TEXT NOT NULL, process TEXT NOT NULL, began TEXT NOT NULL, state TEXT NOT NULL, elapsedMs REAL NOT NULL, beatMs REAL NOT NULL, outcomes INTEGER NOT NULL, books TEXT, error TEXT)`,
  `CREATE TABLE outcome (run INTEGER NOT NULL, number INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (run, number)) WITHOUT ROWID`,
];

export function createTables(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  // Two runners may have found the empty file together.
  if (versionOf(database) === 0)
    database.exec(`${tables.join("; ")}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
  database.exec("COMMIT");
}

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** These tables and nothing else: no trigger, view or column that somebody added. */
export function hasOurTables(database: DatabaseSync): boolean {
  const found = database.prepare("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all();
  return found.length === tables.length && found.every(({ sql }) => tables.includes(String(sql)));
}
