import { memoryRows } from "./migrate/memory-rows.ts";
import { postgresRows } from "./migrate/postgres-rows.ts";
import { providerRows } from "./migrate/provider-rows.ts";
import { rewrapRows } from "./migrate/rewrap-rows.ts";
import type { Outcome } from "./row.ts";

/** `rows`: of the table, and the most objects of the memory rows. */
export async function migrateRows(rows: number): Promise<Outcome[]> {
  if (!Number.isSafeInteger(rows) || rows < 20_000) throw new RangeError("rows must be a whole number of at least 20000");
  return [...(await rewrapRows()), ...(await postgresRows(rows)), ...(await memoryRows(rows)), ...(await providerRows())];
}
