import type { Books, Progress, WalkOptions } from "@letterlock/migrate";
import { isFailure } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import { createWalkProgress } from "../terminal/walk-progress.ts";
import { lastCount } from "./kept-journal.ts";
import type { MigrateOptions, MigrateStep } from "./migrate-options.ts";
import type { MigrationSession, StoreMigration } from "./migration-session.ts";

/** How a walk over one store ended. */
export interface Walked<T> {
  /** Undefined when it did not come to its end. */
  readonly result: T | undefined;
  /** As they stood at the end, whatever that was; undefined when nothing was looked at. */
  readonly books: Books | undefined;
  readonly seconds: number;
  /** Why it did not come to its end. */
  readonly error: unknown;
}

/**
 * Runs a step of the library on a store: shows how it gets on, enters it in the journal, and keeps the books of one that does not come to its end. `refusal`: why
 * the step looked at everything and then changed nothing.
 */
export async function walked<T>(
  { walk, signal, options, journal, report }: MigrationSession,
  step: MigrateStep,
  { name, description, migration }: StoreMigration,
  work: (options: WalkOptions) => Promise<T>,
  refusal: (result: T) => Error | undefined = () => undefined,
): Promise<Walked<T>> {
  const started = performance.now();
  const shown = options.quiet !== true && options.json !== true;
  const progress = createWalkProgress(process.stderr, { shown, name, total: lastCount(journal, description) });
  const [from, to] = [migration.from, migration.to].map((keks) => keks.map(({ provider, keyRef }) => `${provider} ${keyRef}`));
  const entry = journal?.begin({ command: step, store: description, from: from ?? [], to: to ?? [], options: asked(name, options) });
  let books: (() => Books) | undefined;
  const onProgress = (event: Progress): void => {
    if (event.type === "object") books = event.books;
    progress.onProgress(event);
    entry?.progress(event);
  };
  const end = () => ({ books: books?.(), seconds: (performance.now() - started) / 1000 });
  try {
    const result = await work({ ...walk, signal, onProgress });
    const refused = refusal(result);
    entry?.end(refused === undefined ? "done" : "failed", undefined, refused);
    // A wrong table or prefix looks like this.
    if (books === undefined) report.warning(`${printable(name)} has no objects: ${printable(description)}`, { store: name, description });
    return { result, error: undefined, ...end() };
  } catch (error) {
    entry?.end(isFailure(error) && error.failure === "interrupted" ? "interrupted" : "failed", undefined, error);
    return { result: undefined, error, ...end() };
  } finally {
    progress.stop();
  }
}

/** What the journal keeps of the command line. */
function asked(name: string, { keep, refresh, blind, accept, concurrency, memory }: MigrateOptions): Readonly<Record<string, unknown>> {
  return { name, keep, refresh, blind, accept, concurrency, memory };
}
