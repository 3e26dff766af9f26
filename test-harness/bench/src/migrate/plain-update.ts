import type { Pool } from "pg";

interface PlainRow {
  readonly id: string;
  readonly value: Buffer;
}

/** What `postgresStore` does too: rows in a page, rows in a statement, statements at once. */
const pageRows = 200;
const statementRows = 100;

/**
 * What a migration would be if nothing had to be done with a row: it is read and written again with other bytes, as many. Paged by the key, the next page on its
 * way while one is written, and half a page in each of two statements at once: the pages, the batches and the connections of `run` over `postgresStore`.
 */
export async function plainUpdate(pool: Pool, table: string, above: number, upTo: number): Promise<number> {
  const pageAfter = async (last: string): Promise<readonly PlainRow[]> => {
    const text = `SELECT id::text AS id, value FROM ${table} WHERE id > $1::bigint AND id <= $2::bigint ORDER BY ${table}.id LIMIT ${pageRows}`;
    return (await pool.query<PlainRow>(text, [last, upTo])).rows;
  };
  const write = async (rows: readonly PlainRow[]): Promise<number> => {
    if (rows.length === 0) return 0;
    const text = `UPDATE ${table} SET value = change.value FROM unnest($1::bigint[], $2::bytea[]) AS change(id, value) WHERE ${table}.id = change.id RETURNING 1`;
    return (await pool.query(text, [rows.map(({ id }) => id), rows.map(({ value }) => changed(value))])).rows.length;
  };
  let written = 0;
  let page = await pageAfter(String(above));
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    const [first, second, next] = await Promise.all([
      write(page.slice(0, statementRows)),
      write(page.slice(statementRows)),
      pageAfter(last.id),
    ]);
    written += first + second;
    page = next;
  }
  return written;
}

/** As long, and other. */
function changed(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  copy.reverse();
  return copy;
}
