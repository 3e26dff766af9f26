import { postgresStore, run } from "@letterlock/migrate";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { median, medianRatio } from "../median.ts";
import type { Outcome } from "../row.ts";
import { connect } from "./connect.ts";
import { localKeks } from "./local-keks.ts";
import { plainUpdate } from "./plain-update.ts";
import { createSealedTable } from "./sealed-table.ts";

/** Rows that one side works on before it is the other's turn: about half a second of it. */
const turnRows = 10_000;
/** A page is read while two statements write. */
const connections = 3;

/** `run` from one local KEK to another over one table, and reading and writing another table of the same rows, in turns, on a server that syncs as those of others do. */
export async function postgresRows(rows: number): Promise<Outcome[]> {
  const what = `run over ${rows.toLocaleString("en")} rows of PostgreSQL, local to local, rate of a plain read and update`;
  if (!requireDebianServer("postgresql")) return [{ what, reason: "PostgreSQL is not installed: apt-get install postgresql" }];
  await using server = await startPostgres({ syncs: true });
  const pool = connect(server.endpoint, connections);
  try {
    const keks = localKeks();
    await createSealedTable(pool, "migrated", rows, keks);
    await createSealedTable(pool, "plain", rows, keks);
    const store = postgresStore({ client: pool, table: "migrated", column: "value" });
    const turns = Math.ceil(rows / turnRows);
    const partitions = await store.partitions(turns);
    const subjects = {
      ours: async (turn: number): Promise<number> => {
        const books = await run({ store, from: [keks.old], to: [keks.target] }, { partitions: partitions.slice(turn, turn + 1) });
        if (!books.ok) throw new Error(`the run ended with ${JSON.stringify(books.classes)}`);
        return books.classes.migrated;
      },
      plain: (turn: number): Promise<number> => plainUpdate(pool, "plain", turn * turnRows, (turn + 1) * turnRows),
    };
    const names = ["ours", "plain"] as const;
    const times = { ours: [] as number[], plain: [] as number[] };
    const processor = { ours: [] as number[], plain: [] as number[] };
    const done = { ours: 0, plain: 0 };
    for (let turn = 0; turn < partitions.length; turn++) {
      for (const name of turn % 2 === 0 ? names : names.toReversed()) {
        const started = performance.now();
        const used = process.cpuUsage();
        const count = await subjects[name](turn);
        done[name] += count;
        times[name].push((performance.now() - started) / count);
        const { user, system } = process.cpuUsage(used);
        processor[name].push((user + system) / count);
      }
    }
    if (done.ours !== rows || done.plain !== rows) throw new Error(`of ${rows} rows, ${done.ours} were migrated and ${done.plain} updated`);
    // The first turns compile.
    const warm = (of: readonly number[]): readonly number[] => of.slice(Math.min(2, of.length - 1));
    return [
      {
        what,
        ours: speed(warm(times.ours), warm(processor.ours)),
        peer: speed(warm(times.plain), warm(processor.plain)),
        result: medianRatio(warm(times.plain), warm(times.ours)),
        unit: "x",
        bound: "at least",
        target: 0.5,
      },
    ];
  } finally {
    await pool.end();
  }
}

/** The processor time is that of this process, without the server's: it tells what a busy machine did to the rate. */
function speed(msPerRow: readonly number[], microseconds: readonly number[]): string {
  return `${(1000 / median(msPerRow)).toFixed(0)} rows/s, ${median(microseconds).toFixed(0)} µs each`;
}
