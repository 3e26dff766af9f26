import type { RunRecord } from "@letterlock/migrate/journal";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { booksLine } from "../migrate/books-text.ts";
import { askedStores } from "../migrate/chosen-stores.ts";
import { counted, timeSpan } from "../migrate/counted.ts";
import { keptJournal } from "../migrate/kept-journal.ts";
import { type MigrateOptions, type MigrateStep, migrateSteps } from "../migrate/migrate-options.ts";
import { printable } from "../terminal/printable.ts";
import { createReport } from "../terminal/report.ts";

/** What the journal knows of the last runs. What is true of the objects, `migrate verify` tells. */
export async function migrateStatus(words: readonly string[], given: MigrateOptions): Promise<ExitStatus> {
  const { configuration, options, chosen } = await askedStores(words, given);
  const wanted = chosen.map(({ name }) => name);
  const report = createReport(options);
  let exitStatus: ExitStatus = 0;
  const journal = await keptJournal(options, configuration, (message) => {
    exitStatus = report.failed(failure("io-error", message));
  });
  const runs = journal?.runs() ?? [];
  const perStore = Map.groupBy(runs, nameOf);
  let shown = 0;
  for (const name of wanted) {
    for (const run of lastOfEach(perStore.get(name) ?? [])) {
      shown += 1;
      report.result(
        forPeople(name, run),
        { step: "status", ...run, store: name, description: run.store, perSecond: rateOf(run) ?? null },
        "always",
      );
    }
  }
  if (shown === 0 && exitStatus === 0) report.warning("the journal knows of no runs", { journal: journal?.path });
  journal?.close();
  report.result("", { step: "status", stores: wanted.length, runs: shown, exitStatus }, "machines");
  return exitStatus;
}

/** The last of each step, and all that still run: who plans often must not lose sight of the run. */
function lastOfEach(runs: readonly RunRecord[]): readonly RunRecord[] {
  const last = new Map(runs.map((run) => [run.command, run.id]));
  return runs.filter(({ state, command, id }) => state === "running" || last.get(command) === id);
}

function nameOf({ options, store }: RunRecord): string {
  return typeof options?.name === "string" ? options.name : store;
}

function forPeople(name: string, run: RunRecord): string {
  const { command, state, began, elapsedMs, books, error } = run;
  const rate = rateOf(run);
  const parts = [
    `${printable(name)}: ${command} of ${began.slice(0, 19).replace("T", " ")} UTC, ${stateOf(run)}`,
    ...(books === undefined
      ? state === "done"
        ? ["no objects"]
        : []
      : [booksLine(books, stepOf(command), { notMigrated: books.codes["no-matching-kek"] })]),
    `in ${timeSpan(elapsedMs / 1000)}${rate === undefined ? "" : ` (${counted(rate)}/s)`}`,
  ];
  return `${parts.join("; ")}${error === undefined ? "" : `\n  ${printable(error)}`}`;
}

/** A step that came to its end is done, whatever it found. */
function stateOf({ state, command, books, error, pid }: RunRecord): string {
  if (state === "running") return `running, process ${pid}`;
  if (state !== "done") return state;
  const found = [
    ...(command === "plan" && error !== undefined ? ["a probe failed"] : []),
    ...(books?.ok === false ? [notOk[stepOf(command)]] : []),
  ];
  return [state, ...found].join(", ");
}

const notOk: Readonly<Record<MigrateStep, string>> = {
  plan: "not everything would migrate",
  run: "not everything was migrated",
  verify: "not clean",
  finish: "not ok",
};

function stepOf(command: string): MigrateStep {
  return migrateSteps.find((step) => step === command) ?? "run";
}

function rateOf({ books, elapsedMs }: RunRecord): number | undefined {
  return books === undefined || elapsedMs < 1000 ? undefined : Math.round((books.scanned * 1000) / elapsedMs);
}
