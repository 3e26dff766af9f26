import { createHash } from "node:crypto";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { hashPartitions, isInPartition } from "./hash-partition.ts";
import { checkNames } from "./migration.ts";
import { quotedName } from "./postgres-table.ts";
import { idOfKey, keyColumns, keyOfId } from "./sqlite-key.ts";

/** The part of a DatabaseSync of `node:sqlite` that is used. */
export interface SqliteDatabase {
  prepare(sql: string): { all(...values: SqliteValue[]): unknown[]; run(...values: SqliteValue[]): { readonly changes: number | bigint } };
}

export type SqliteValue = null | number | bigint | string | Uint8Array;

export interface SqliteStoreOptions {
  /** It stays its owner's. Give it a time-out where others write, or their writes are errors here. */
  readonly database: SqliteDatabase;
  readonly table: string;
  /** Bytes, or a text in text form. NULL is no object. */
  readonly column: string;
  /** The columns of a unique key, of integers, texts or bytes, without nulls; the primary key by default, or else the rowid. */
  readonly key?: readonly string[] | undefined;
}

/** One column of a table in SQLite, paged by the key. The comparison is part of the UPDATE, with the old value, and holds against everybody. */
export function sqliteStore(options: SqliteStoreOptions): EnvelopeStore {
  checkNames(options, ["database", "table", "column", "key"], "options");
  const { database, column, key } = options;
  if (typeof database?.prepare !== "function") throw new TypeError("database must be a DatabaseSync of node:sqlite");
  const [table, value] = [quotedName(options.table), quotedName(column)];
  const columns = keyColumns(database, options.table, key);
  const keys = columns.map(quotedName);
  const row = `(${keys.join(", ")})`;
  const parameters = `(${keys.map(() => "?").join(", ")})`;
  const select = keys.flatMap((name, i) => [
    `typeof(${name}) AS type${i}`,
    `CASE typeof(${name}) WHEN 'blob' THEN hex(${name}) ELSE CAST(${name} AS TEXT) END AS key${i}`,
  ]);
  const at = (of: readonly SqliteValue[], what: string): Row | undefined =>
    database.prepare(`SELECT ${what} FROM ${table} WHERE ${row} = ${parameters} AND ${value} IS NOT NULL`).all(...of)[0] as Row | undefined;

  return {
    description: `sqlite ${options.table}.${column}`,
    partitions: async (target) => hashPartitions(target),
    async *scan(partition, { after, signal } = {}) {
      for (let last = after === undefined ? undefined : keyOfId(after, columns.length); ; ) {
        const from = last === undefined ? "" : `AND ${row} > ${parameters}`;
        const sql = `SELECT ${select.join(", ")} FROM ${table} WHERE ${value} IS NOT NULL ${from} ORDER BY ${keys.join(", ")} LIMIT ${pageRows}`;
        const page = database.prepare(sql).all(...(last ?? [])) as Row[];
        for (const found of page) {
          signal?.throwIfAborted();
          const id = idOfKey(found, columns.length);
          last = keyOfId(id, columns.length);
          const content = isInPartition(id, partition) ? at(last, `${value} AS value`) : undefined;
          if (content !== undefined) yield stored(id, bytesOf(content.value as SqliteValue));
        }
        if (page.length < pageRows) return;
      }
    },
    async replace(id, expected, object): Promise<Replaced> {
      const of = keyOfId(id, columns.length);
      const now = at(of, `${value} AS value`)?.value as SqliteValue | undefined;
      if (now === undefined) return "gone";
      if (digest(bytesOf(now)) !== expected) return "conflict";
      const next = typeof now === "string" ? Buffer.from(object).toString() : object;
      const { changes } = database
        .prepare(`UPDATE ${table} SET ${value} = ? WHERE ${row} = ${parameters} AND ${value} IS ?`)
        .run(next, ...of, now);
      if (Number(changes) > 0) return "replaced";
      return at(of, "1 AS value") === undefined ? "gone" : "conflict";
    },
  };
}

const pageRows = 200;

type Row = Readonly<Record<string, unknown>>;

function stored(id: string, bytes: Uint8Array): StoredObject {
  return {
    id,
    version: digest(bytes),
    size: bytes.length,
    cursor: id,
    read: async () => bytes.slice(),
    readHead: async (count) => bytes.slice(0, count),
  };
}

/** A number is shown as its digits: it is foreign. */
function bytesOf(value: SqliteValue): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(Buffer.from(String(value)));
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
