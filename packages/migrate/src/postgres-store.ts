import type { EnvelopeStore, StoredObject } from "./envelope-store.ts";
import { groupCommit } from "./group-commit.ts";
import { checkTarget } from "./hash-partition.ts";
import { parsedJson, rangesBetween } from "./key-range.ts";
import { checkNames } from "./migration.ts";
import { openCount } from "./open-count.ts";
import { type Column, columnExpressions } from "./postgres-column.ts";
import { type Change, mostRows, replaceRows } from "./postgres-replace.ts";
import { type PostgresClient, type PostgresTable, quotedName, readTable } from "./postgres-table.ts";

export interface PostgresStoreOptions {
  /** A Pool or Client of `pg`, or a PGlite. It stays its owner's. A Pool lets as many updates run at once as it has connections. */
  readonly client: PostgresClient;
  /** "name" or "schema.name", as the database has it. */
  readonly table: string;
  /** Of type bytea, text, varchar, json or jsonb. In a text an object stands in text form. */
  readonly column: string;
  /** In a json or jsonb column: where the object stands, as the names and indices of a path. */
  readonly path?: readonly string[] | undefined;
  /** The columns of a unique key, without nulls; the primary key by default. */
  readonly key?: readonly string[] | undefined;
  /** Rows that are fetched at once; 200 by default. */
  readonly pageRows?: number | undefined;
  /** True: rows that policies of row-level security hide from this role are no part of the store. Without it, a role that policies apply to is refused. */
  readonly hiddenRows?: boolean | undefined;
}

/**
 * One column of a table in PostgreSQL 12 or later. It needs SELECT on the column and the key, and UPDATE on the column. A page of rows is fetched by the key and not by an
 * offset, so a scan costs no more at its end and misses nothing that others write. The comparison is part of the UPDATE, as a digest of the old value, and holds against
 * everybody; other members of a json or jsonb column keep what others wrote meanwhile. NULL is no object. A value that a trigger changed is not written: the object is "failed".
 */
export function postgresStore(options: PostgresStoreOptions): EnvelopeStore {
  return postgresStoreWith({ compares: true }, options);
}

/** @internal Without the comparison a campaign must find what is lost. */
export function postgresStoreWith({ compares }: { readonly compares: boolean }, options: PostgresStoreOptions): EnvelopeStore {
  checkNames(options, ["client", "table", "column", "path", "key", "pageRows", "hiddenRows"], "options");
  const { client, table: name, column, path, key, pageRows = 200, hiddenRows = false } = options;
  if (typeof client?.query !== "function") throw new TypeError("client must have the query of pg or PGlite");
  if (!Number.isSafeInteger(pageRows) || pageRows < 1) throw new RangeError("pageRows must be a whole number of at least 1");
  if (path !== undefined && (!Array.isArray(path) || path.length === 0)) throw new TypeError("path must be a list of at least one name");
  let reading: Promise<PostgresTable> | undefined;
  const described = (): Promise<PostgresTable> => {
    reading ??= readTable(client, name, column, { key, hiddenRows }).catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
  const rows = async <Row>(text: string, values: unknown[]): Promise<Row[]> => (await client.query(text, values)).rows as Row[];

  const stored = (row: PageRow, table: PostgresTable, value: Column): StoredObject => {
    const id = JSON.stringify(row.key);
    const read = async (bytes: number | undefined): Promise<Uint8Array> => {
      if (row.value !== null) return new Uint8Array(Buffer.from(row.value, "base64")).subarray(0, bytes);
      const of = bytes === undefined ? value.bytes : `substring(${value.bytes} FROM 1 FOR ${bytes})`;
      const [found] = await rows<{ readonly value: Uint8Array | null }>(
        `SELECT ${of} AS value FROM ${table.name} WHERE ${table.isKey(1)}`,
        row.key,
      );
      if (found?.value === undefined || found.value === null) throw new Error("the row left after it was listed");
      return new Uint8Array(found.value);
    };
    return { id, version: row.version, size: Number(row.size), cursor: id, read: () => read(undefined), readHead: (bytes) => read(bytes) };
  };

  const commit = groupCommit(
    async (changes: readonly Change[]) => {
      const table = await described();
      const value = columnExpressions(column, table.columnType, path);
      return await replaceRows({ client, table, value, column: quotedName(column), compares, keyOf: (id) => readKey(id, table) }, changes);
    },
    { most: mostRows, atOnce: writesAtOnce },
  );

  const writing = openCount();

  /** Keys that cut the table into equal parts: one pass over the key to count, and one to number. */
  const bounded = async (table: PostgresTable, target: number): Promise<readonly string[][]> => {
    const [{ count } = { count: "0" }] = await rows<{ readonly count: string }>(`SELECT count(*)::text AS count FROM ${table.name}`, []);
    const step = Math.max(1, Math.ceil(Number(count) / target));
    const numbered = await rows<{ readonly key: string[] }>(
      `SELECT key FROM (SELECT ${table.keyAsText} AS key, row_number() OVER (ORDER BY ${table.order}) AS place FROM ${table.name}) AS numbered
       WHERE place % ${step} = 0 AND place < $1::bigint ORDER BY place`,
      [count],
    );
    return numbered.map(({ key }) => key);
  };

  return {
    description: `postgres ${name}.${[column, ...(path ?? [])].join(".")}`,
    async partitions(target) {
      checkTarget(target);
      const table = await described();
      const bounds = target === 1 ? [] : await bounded(table, target);
      return rangesBetween(bounds);
    },
    async *scan(partition, { after, signal } = {}) {
      const table = await described();
      const value = columnExpressions(column, table.columnType, path);
      const { above, upTo } = readPartition(partition, table);
      const pageAfter = (last: string[] | null): Promise<PageRow[]> => {
        const from = last === null ? "true" : table.isAbove(1);
        const to = upTo === null ? "true" : `NOT ${table.isAbove(1 + (last?.length ?? 0))}`;
        return rows<PageRow>(
          `SELECT ${table.keyAsText} AS key, encode(sha256(${value.bytes}), 'hex') AS version, octet_length(${value.bytes}) AS size,
             CASE WHEN octet_length(${value.bytes}) <= ${inlineBytes} THEN translate(encode(${value.bytes}, 'base64'), E'\\n', '') END AS value
           FROM ${table.name} WHERE ${from} AND ${to} AND ${value.isThere} ORDER BY ${table.order} LIMIT ${pageRows + 1}`,
          [...(last ?? []), ...(upTo ?? [])],
        );
      };
      // A null is above no key and below none: the first part looks for it, before and not instead of everything else.
      if (above === null && after === undefined && table.lacksKey !== undefined) {
        const [lacking] = await rows(`SELECT 1 AS lacking FROM ${table.name} WHERE ${table.lacksKey} AND ${value.isThere} LIMIT 1`, []);
        if (lacking !== undefined) throw new Error(`rows of ${name} have no value in a column of the key, and would be left out`);
      }
      signal?.throwIfAborted();
      for (
        let coming: Promise<PageRow[]> | undefined = pageAfter(after === undefined ? above : readKey(after, table));
        coming !== undefined;
      ) {
        const fetched: PageRow[] = await coming;
        requireOneOfEach(fetched, name);
        // The row after the page is there to be compared.
        const page = fetched.slice(0, pageRows);
        // Reading is quicker than writing: what waits to be written would fill the memory that the caller allows.
        await writing.atMost(mostWaiting);
        signal?.throwIfAborted();
        const last = page.at(-1);
        // The next page is on its way while this one is worked on. Who leaves before it comes does not hear of its failure.
        coming = last === undefined || fetched.length <= pageRows ? undefined : pageAfter(last.key);
        coming?.catch(() => undefined);
        for (const row of page) {
          signal?.throwIfAborted();
          yield stored(row, table, value);
        }
      }
    },
    async replace(id, expected, object) {
      writing.begin();
      try {
        return await commit({ id, expected, object });
      } finally {
        writing.end();
      }
    },
  };
}

/** Statements that run at once, beside the reading of a page. */
const writesAtOnce = 2;

/** A scan waits while more rows than these wait to be written. */
const mostWaiting = 400;

/** A value up to here comes with its page; of a larger one, only what is asked for. */
const inlineBytes = 65_536;

/** Of two rows with one key, the second would be left out where a page ends between them. No index tells that of a view, or of a table with others that inherit from it. */
function requireOneOfEach(rows: readonly PageRow[], name: string): void {
  const twice = rows.find(({ key }, i) => i > 0 && JSON.stringify(key) === JSON.stringify(rows[i - 1]?.key));
  if (twice !== undefined)
    throw new Error(`two rows of ${name} have the key ${JSON.stringify(twice.key)}: name the columns of a unique one as key`);
}

interface PageRow {
  readonly key: string[];
  readonly version: string;
  readonly size: number | string;
  readonly value: string | null;
}

function readKey(id: string, { keyLength }: PostgresTable): string[] {
  const key: unknown = parsedJson(id);
  if (Array.isArray(key) && key.length === keyLength && key.every((part) => typeof part === "string")) return key;
  throw new TypeError(`no id of this store: ${JSON.stringify(id)}`);
}

function readPartition(partition: string, table: PostgresTable): { readonly above: string[] | null; readonly upTo: string[] | null } {
  const { above, upTo } = (parsedJson(partition) ?? {}) as { above?: unknown; upTo?: unknown };
  if (above === undefined || upTo === undefined) throw new TypeError(`no partition of this store: ${JSON.stringify(partition)}`);
  const bound = (key: unknown): string[] | null => (key === null ? null : readKey(JSON.stringify(key), table));
  return { above: bound(above), upTo: bound(upTo) };
}
