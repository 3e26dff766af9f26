import { asStored, createDataKey, joinEnvelope, type Kek, type KekUnwrapper, LetterlockError, open } from "@letterlock/core";
import type { PostgresClient } from "../../../src/index.ts";
import { table } from "./fleet-setup.ts";

/** Rows under one data key. Each envelope is another, and is unwrapped and wrapped by itself. */
const rowsPerKey = 1_000;

export async function fillTable(client: PostgresClient, rows: number, kek: Kek): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${table}`);
  await client.query(`CREATE TABLE ${table} (id integer PRIMARY KEY, ssn bytea)`);
  for (let from = 0; from < rows; from += rowsPerKey) {
    const { key, blob } = await createDataKey([kek]);
    const ids = Array.from({ length: Math.min(rowsPerKey, rows - from) }, (_, i) => from + i);
    const sealed = ids.map((id) => Buffer.from(joinEnvelope(blob, key.seal(Buffer.from(plaintext(id)), { aad: "" }))).toString("hex"));
    key[Symbol.dispose]();
    await client.query(`INSERT INTO ${table} SELECT id, decode(ssn, 'hex') FROM unnest($1::integer[], $2::text[]) AS row(id, ssn)`, [
      ids,
      sealed,
    ]);
  }
  await client.query(`ANALYZE ${table}`);
}

/** Rows that are not there, or do not open with `target` alone, or are not what they were; the first hundred in words. */
export async function lostRows(
  client: PostgresClient,
  rows: number,
  target: KekUnwrapper,
): Promise<{ readonly count: number; readonly first: readonly string[] }> {
  const first: string[] = [];
  let count = 0;
  const lose = (what: string): void => {
    count += 1;
    if (first.length < 100) first.push(what);
  };
  const page = 2_000;
  for (let from = 0; from < rows; from += page) {
    const found = await client.query(`SELECT id, ssn FROM ${table} WHERE id >= $1 AND id < $2`, [from, Math.min(rows, from + page)]);
    const there = new Map((found.rows as readonly { readonly id: number; readonly ssn: Uint8Array }[]).map(({ id, ssn }) => [id, ssn]));
    const ids = Array.from({ length: Math.min(page, rows - from) }, (_, i) => from + i);
    await Promise.all(
      ids.map(async (id) => {
        const object = there.get(id);
        if (object === undefined) return lose(`row ${id} is not there`);
        const text = await open(new Uint8Array(object), [target], { context: asStored(), aad: "" }).then(
          (bytes) => Buffer.from(bytes).toString(),
          (error: unknown) => (LetterlockError.is(error) ? error.code : String(error)),
        );
        if (text !== plaintext(id)) lose(`row ${id} is ${text}`);
      }),
    );
  }
  return { count, first };
}

function plaintext(id: number): string {
  return `row ${id} of the table`;
}
