import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { peakMemory } from "../child.ts";
import type { Outcome } from "../row.ts";
import { connect } from "./connect.ts";
import { localKeks } from "./local-keks.ts";
import { createSealedTable } from "./sealed-table.ts";

const MB = 1e6;
const fewest = 10_000;
const child = fileURLToPath(new URL("./memory-child.ts", import.meta.url));

/** V8 lets its young generation grow in the course of a run, by some 60 MB. From the beginning it has its usual size here, so that what is compared is what a run keeps. */
const youngGeneration = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

/** The peak of a process that migrates 10,000 objects, and of one that migrates `objects`. */
export async function memoryRows(objects: number): Promise<Outcome[]> {
  const secret = randomBytes(64);
  const peak = (count: number, ...place: readonly string[]): Promise<number> =>
    peakMemory([...youngGeneration, child, secret.toString("hex"), String(count), ...place], "ignore");
  const rows = [compared("a store that forgets", objects, await peak(fewest), await peak(objects))];
  if (!requireDebianServer("postgresql")) return rows;
  await using server = await startPostgres();
  const pool = connect(server.endpoint, 1);
  try {
    await createSealedTable(pool, "few", fewest, localKeks(secret));
    await createSealedTable(pool, "many", objects, localKeks(secret));
  } finally {
    await pool.end();
  }
  return [
    ...rows,
    compared("PostgreSQL", objects, await peak(fewest, server.endpoint, "few"), await peak(objects, server.endpoint, "many")),
  ];
}

/** A process that migrates 10,000 objects ends before V8 has given its heap the size that it then keeps, of which a collection leaves the same 17 MB after 10,000 rows and after 60,000. */
const mostGrowth = 80;

function compared(store: string, objects: number, few: number, many: number): Outcome {
  return {
    what: `Peak memory of run, ${store}, ${objects.toLocaleString("en")} objects over ${fewest.toLocaleString("en")}`,
    ours: `${(many / MB).toFixed(0)} MB`,
    peer: `${(few / MB).toFixed(0)} MB`,
    result: (many - few) / MB,
    unit: "MB",
    bound: "at most",
    target: mostGrowth,
  };
}
