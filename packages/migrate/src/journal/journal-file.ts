import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fchmodSync, mkdirSync, openSync, readSync, renameSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { applicationId, createTables, hasOurTables, schemaVersion, versionOf } from "./journal-schema.ts";
import type { Sqlite } from "./node-sqlite.ts";

/** How long another runner's transaction is waited for. Its own take milliseconds. */
const busyMs = 2_000;

/**
 * Opens a journal, or makes one. A damaged one of ours is set aside under another name first, and `setAside` called with it. Throws, and leaves what is there alone,
 * when it is somebody else's, or of a later version, or cannot be opened or written.
 */
export function openJournalFile({ DatabaseSync }: Sqlite, path: string, setAside: (to: string) => void): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) createPrivate(path);
  else if (!found.isFile()) throw new Error("it is no file");
  else if (found.size > 0 && !isOurs(path)) throw new Error("it is no journal of letterlock");
  try {
    return opened(new DatabaseSync(path, { timeout: busyMs }));
  } catch (error) {
    if (!isDamage(error) || found === undefined) throw error;
    setAside(moveAside(path, found));
    createPrivate(path);
    return opened(new DatabaseSync(path, { timeout: busyMs }));
  }
}

function opened(database: DatabaseSync): DatabaseSync {
  try {
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (versionOf(database) === 0) {
      createTables(database);
      // Whose file it is stands in the file itself from the beginning.
      database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    }
    const version = versionOf(database);
    if (version > schemaVersion) throw new Error(`a later version of letterlock wrote it (${version}; this one knows ${schemaVersion})`);
    const [check] = database.prepare("PRAGMA quick_check(1)").all();
    if (check?.quick_check !== "ok" || !hasOurTables(database)) throw new Damaged();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class Damaged extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB, in any of their extended forms. */
function isDamage(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  return error instanceof Damaged || (errcode !== undefined && [11, 26].includes(errcode & 0xff));
}

/** Nobody else reads which objects are in trouble. SQLite gives its own files beside it the same mode. */
function createPrivate(path: string): void {
  const fd = openSync(path, "a", 0o600);
  fchmodSync(fd, 0o600);
  closeSync(fd);
}

/** SQLite's first line, and our application id. */
function isOurs(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(100);
    readSync(fd, head, 0, head.length, 0);
    return head.subarray(0, 16).toString("latin1") === "SQLite format 3\0" && head.readUInt32BE(68) === applicationId;
  } finally {
    closeSync(fd);
  }
}

/** With the files beside it, which belong to it: a new journal must not read an old log. */
function moveAside(path: string, found: Stats): string {
  const now = statSync(path);
  if (now.ino !== found.ino || now.dev !== found.dev) throw new Error("another process has just replaced it");
  const to = `${path}.damaged-${randomBytes(6).toString("hex")}`;
  for (const suffix of ["-wal", "-shm", ""]) if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${to}${suffix}`);
  return to;
}
