import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Outcome } from "../outcome.ts";
import { type Clocks, systemClocks } from "./clocks.ts";
import { openJournalFile } from "./journal-file.ts";
import { beginRun, type JournalRun, noRun, type RunStart } from "./journal-run.ts";
import { nodeSqlite, type Sqlite } from "./node-sqlite.ts";
import { type RunRecord, recordOf } from "./run-record.ts";
import { outcomeIn } from "./stored-json.ts";

/**
 * What runs did, for people: progress and reports. A migration never needs it: a journal that is damaged, foreign, locked or full never throws; it is set aside or
 * left alone, and turned off with one warning.
 */
export interface Journal {
  readonly path: string;
  begin(run: RunStart): JournalRun;
  /** All of them, in the order in which they began. */
  runs(): readonly RunRecord[];
  /** What a run kept, in the order in which it ended. */
  outcomes(runId: number): Iterable<Outcome>;
  close(): void;
}

export interface JournalOptions {
  /** Called when the journal is set aside or turned off; a warning of the process by default. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A file of SQLite, which several runners on one machine may share. It is made, with mode 0600, when the first run begins. */
export function openJournal(path: string, options: JournalOptions = {}): Journal {
  return openJournalWith(nodeSqlite, systemClocks, path, options);
}

/** @internal The clocks and SQLite are parameters, so that tests can let them fail. */
export function openJournalWith(
  sqlite: () => Sqlite | undefined,
  clocks: Clocks,
  path: string,
  { onWarning = (message) => process.emitWarning(message, "LetterlockWarning") }: JournalOptions = {},
): Journal {
  let database: DatabaseSync | undefined;
  let isOff = false;
  const guarded = <T>(work: () => T): T | undefined => {
    if (isOff) return undefined;
    try {
      return work();
    } catch (error) {
      isOff = true;
      close();
      onWarning(
        `the journal ${path} is not used: ${error instanceof Error ? error.message : String(error)}; the migration does not need it`,
      );
      return undefined;
    }
  };
  const close = (): void => {
    const last = database;
    database = undefined;
    try {
      last?.close();
    } catch {
      // It was closed, or its disk is gone: there is nothing left to write.
    }
  };
  const open = (): DatabaseSync => {
    if (database !== undefined) return database;
    const found = sqlite();
    if (found === undefined) throw new Error(`node:sqlite is not in Node ${process.versions.node}; use 22.13 or later`);
    database = openJournalFile(found, path, (to) => onWarning(`the journal ${path} was damaged; it is ${to} now, and a new one begins`));
    return database;
  };
  const rows = (sql: string, ...values: number[]): readonly Row[] =>
    guarded(() =>
      database === undefined && !existsSync(path)
        ? []
        : (open()
            .prepare(sql)
            .all(...values) as readonly Row[]),
    ) ?? [];

  return {
    path,
    begin: (start) => guarded(() => beginRun(open(), start, clocks, guarded)) ?? noRun(),
    runs: () => rows("SELECT * FROM run ORDER BY id").flatMap((row) => recordOf(row, clocks.monotonicMs()) ?? []),
    *outcomes(runId) {
      for (let after = -1; ; ) {
        const page = rows("SELECT number, outcome FROM outcome WHERE run = ? AND number > ? ORDER BY number LIMIT 1000", runId, after);
        for (const { outcome } of page) {
          const read = outcomeIn(outcome);
          if (read !== undefined) yield read;
        }
        const last = page.at(-1)?.number;
        if (typeof last !== "number") return;
        after = last;
      }
    },
    close() {
      isOff = true;
      close();
    },
  };
}

type Row = Readonly<Record<string, unknown>>;
