import type { Books, Outcome, Progress, WalkOptions } from "@letterlock/migrate";
import type { Journal, JournalRun } from "@letterlock/migrate/journal";
import { isFailure } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import { createWalkProgress } from "../terminal/walk-progress.ts";
import { lastCount } from "./kept-journal.ts";
import type { MigrateOptions, MigrateStep } from "./migrate-options.ts";
import type { MigrationSession, StoreMigration } from "./migration-session.ts";
import { keyNames } from "./store-keks.ts";
import { badClasses } from "./verdict.ts";

/** How a walk over one store ended. */
export interface Walked<T> {
  /** Undefined when it did not come to its end. */
  readonly result: T | undefined;
  /** As they stood at the end, whatever that was; undefined when nothing was looked at. */
  readonly books: Books | undefined;
  /** All of them, where a report is asked for and the journal has them. */
  readonly exceptions: Iterable<Outcome> | undefined;
  readonly seconds: number;
  /** Why it did not come to its end. */
  readonly error: unknown;
}

/**
 * Runs a step of the library on a store: shows how it gets on, enters it in the journal, and keeps the books of one that does not come to its end. `refusal`: why
 * the step looked at everything and then changed nothing. `remark`: what else the journal has to know of one that is done.
 */
export async function walked<T>(
  { walk, signal, options, journal, report, reportPath }: MigrationSession,
  step: MigrateStep,
  { name, description, migration, asked: place }: StoreMigration,
  work: (options: WalkOptions) => Promise<T>,
  { refusal, remark }: { readonly refusal?: (result: T) => Error | undefined; readonly remark?: (result: T) => Error | undefined } = {},
): Promise<Walked<T>> {
  const started = performance.now();
  const shown = process.stderr.isTTY && options.quiet !== true && options.json !== true;
  const progress = createWalkProgress(process.stderr, { shown, name, total: shown ? lastCount(journal, name, description) : undefined });
  const [from, to] = [keyNames(migration.from), keyNames(migration.to)];
  const entry = journal?.begin({ command: step, store: description, from, to, options: asked(name, options) });
  let books: (() => Books) | undefined;
  const onProgress = (event: Progress): void => {
    if (event.type === "object") books = event.books;
    progress.onProgress(event);
    entry?.progress(event);
  };
  const end = () => {
    const last = books?.();
    const exceptions = reportPath === undefined ? undefined : keptExceptions(journal, entry, last);
    return { books: last, exceptions, seconds: (performance.now() - started) / 1000 };
  };
  try {
    const result = await work({ ...walk, signal, onProgress });
    const refused = refusal?.(result);
    entry?.end(refused === undefined ? "done" : "failed", undefined, refused ?? remark?.(result));
    // A wrong table or prefix looks like this.
    if (books === undefined) {
      const leftOut = place.leavesOut === undefined ? "" : `, where ${place.leavesOut}`;
      report.warning(`${printable(name)} has no objects: ${printable(`${description}${leftOut}`)}`, { store: name, description });
    }
    return { result, error: undefined, ...end() };
  } catch (error) {
    entry?.end(isFailure(error) && error.failure === "interrupted" ? "interrupted" : "failed", undefined, error);
    return { result: undefined, error, ...end() };
  } finally {
    progress.stop();
  }
}

/** Undefined where the journal does not have every exception that the books count: those of `finish` are of two walks. */
function keptExceptions(
  journal: Journal | undefined,
  entry: JournalRun | undefined,
  books: Books | undefined,
): Iterable<Outcome> | undefined {
  const id = entry?.id;
  const counted = badClasses.reduce((sum, one) => sum + (books?.classes[one] ?? 0), 0);
  if (journal === undefined || id === undefined || journal.runs().find((run) => run.id === id)?.outcomes !== counted) return undefined;
  return journal.outcomes(id);
}

/** What the journal keeps of the command line. */
function asked(name: string, { keep, refresh, blind, accept, concurrency, memory }: MigrateOptions): Readonly<Record<string, unknown>> {
  return { name, keep, refresh, blind, accept, concurrency, memory };
}
