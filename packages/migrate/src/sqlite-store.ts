import { contentDigest } from "./content-digest.ts";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { checkTarget } from "./hash-partition.ts";
import { rangesBetween, readRange } from "./key-range.ts";
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

/**
 * One column of a table in SQLite, paged by the key. The comparison is part of the UPDATE, with the old value, and holds against everybody. Partitions are ranges of the key:
 * cutting reads the keys once, and a partition its own rows.
 */
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
  // A large integer is no number of JavaScript; it is foreign, and shown as its digits.
  const content = `CASE typeof(${value}) WHEN 'integer' THEN CAST(${value} AS TEXT) ELSE ${value} END`;
  const at = (of: readonly SqliteValue[], what: string): Row | undefined =>
    database.prepare(`SELECT ${what} FROM ${table} WHERE ${row} = ${parameters} AND ${value} IS NOT NULL`).all(...of)[0] as Row | undefined;

  return {
    description: `sqlite ${options.table}.${column}`,
    async partitions(target) {
      checkTarget(target);
      if (target === 1) return rangesBetween([]);
      const [{ count }] = database.prepare(`SELECT count(*) AS count FROM ${table}`).all() as [{ readonly count: number }];
      const numbered = `SELECT ${select.join(", ")}, row_number() OVER (ORDER BY ${keys.join(", ")}) AS place FROM ${table}`;
      const step = Math.ceil(Number(count) / target);
      const bounds = database
        .prepare(`SELECT * FROM (${numbered}) WHERE place % ? = 0 AND place < ? ORDER BY place`)
        .all(step, count) as Row[];
      return rangesBetween(bounds.map((found) => idOfKey(found, columns.length)));
    },
    async *scan(partition, { after, signal } = {}) {
      const { above, upTo, has } = readRange(partition);
      const keyOf = (id: string | undefined): SqliteValue[] | undefined => (id === undefined ? undefined : keyOfId(id, columns.length));
      const end = keyOf(upTo);
      // A null is above no key and below none: the first part looks for it.
      const lacking = `SELECT 1 FROM ${table} WHERE ${value} IS NOT NULL AND (${keys.map((name) => `${name} IS NULL`).join(" OR ")}) LIMIT 1`;
      if (above === undefined && after === undefined && database.prepare(lacking).all().length > 0)
        throw new Error(`rows of ${options.table} have no value in a column of the key, and would be left out`);
      for (let last = keyOf(after ?? above); ; ) {
        const ends = [last && `AND ${row} > ${parameters}`, end && `AND ${row} <= ${parameters}`].filter(Boolean).join(" ");
        const sql = `SELECT ${select.join(", ")} FROM ${table} WHERE ${value} IS NOT NULL ${ends} ORDER BY ${keys.join(", ")} LIMIT ${pageRows + 1}`;
        const page = database.prepare(sql).all(...(last ?? []), ...(end ?? [])) as Row[];
        const ids = page.map((found) => idOfKey(found, columns.length));
        // Of two rows with one key, the second would be left out.
        const twice = ids.find((id, i) => i > 0 && id === ids[i - 1]);
        if (twice !== undefined)
          throw new Error(`two rows of ${options.table} have the key ${twice}: name the columns of a unique one as key`);
        for (const id of ids.slice(0, pageRows)) {
          signal?.throwIfAborted();
          last = keyOfId(id, columns.length);
          const found = has(id) ? at(last, `${content} AS value`) : undefined;
          if (found !== undefined) yield stored(id, bytesOf(found.value as SqliteValue));
          // SQLite takes any bytes for a text. As a string of JavaScript they are another key.
          else if (has(id) && id.includes("\uFFFD"))
            throw new Error(`a key of ${options.table} is no UTF-8: ${id}; its row, and those after it, would be left out`);
        }
        if (page.length <= pageRows) return;
      }
    },
    async replace(id, expected, object): Promise<Replaced> {
      const of = keyOfId(id, columns.length);
      const now = at(of, `${content} AS value`)?.value as SqliteValue | undefined;
      if (now === undefined) return "gone";
      if (contentDigest(bytesOf(now)) !== expected) return "conflict";
      const next = typeof now === "string" ? Buffer.from(object).toString() : object;
      const { changes } = database
        .prepare(`UPDATE ${table} SET ${value} = ? WHERE ${row} = ${parameters} AND ${content} IS ?`)
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
    version: contentDigest(bytes),
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
