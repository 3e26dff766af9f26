import type { Pool } from "pg";
import { type Keks, sealedValue } from "./local-keks.ts";

/** Different objects in a table; each is in many rows, because sealing a million takes longer than migrating them. */
const kinds = 500;

/** A table of `rows` sealed values, numbered from 1. */
export async function createSealedTable(pool: Pool, table: string, rows: number, keks: Keks): Promise<void> {
  const values: Buffer[] = [];
  for (let i = 0; i < kinds; i++) values.push(Buffer.from(await sealedValue(keks)));
  await pool.query(`CREATE TABLE ${table} (id bigint PRIMARY KEY, value bytea NOT NULL)`);
  await pool.query(`INSERT INTO ${table} SELECT row, ($2::bytea[])[row % ${kinds} + 1] FROM generate_series(1, $1::bigint) AS row`, [
    rows,
    values,
  ]);
  await pool.query(`VACUUM ANALYZE ${table}`);
}
