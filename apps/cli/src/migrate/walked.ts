import type { Books, Progress, WalkOptions } from "@letterlock/migrate";
import { createWalkProgress } from "../terminal/walk-progress.ts";
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

/** Runs a step of the library on a store: shows how it gets on, and keeps the books of one that is interrupted or whose store fails. */
export async function walked<T>(
  { walk, signal, options }: MigrationSession,
  { name }: StoreMigration,
  step: (options: WalkOptions) => Promise<T>,
): Promise<Walked<T>> {
  const started = performance.now();
  const shown = options.quiet !== true && options.json !== true;
  const progress = createWalkProgress(process.stderr, { shown, name, total: undefined });
  let books: (() => Books) | undefined;
  const onProgress = (event: Progress): void => {
    if (event.type === "object") books = event.books;
    progress.onProgress(event);
  };
  const end = () => ({ books: books?.(), seconds: (performance.now() - started) / 1000 });
  try {
    return { result: await step({ ...walk, signal, onProgress }), error: undefined, ...end() };
  } catch (error) {
    return { result: undefined, error, ...end() };
  } finally {
    progress.stop();
  }
}
