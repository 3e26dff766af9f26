import { join, resolve } from "node:path";
import type { Journal } from "@letterlock/migrate/journal";
import type { Configuration } from "../keks/configuration.ts";
import type { MigrateOptions } from "./migrate-options.ts";

const fileName = "letterlock.journal";

/** The journal of --journal, else the one beside the configuration; undefined with --no-journal. */
export async function keptJournal(
  { journal }: MigrateOptions,
  { folder }: Configuration,
  onWarning: (message: string, path: string) => void,
): Promise<Journal | undefined> {
  if (journal === false) return undefined;
  const { openJournal } = await import("@letterlock/migrate/journal");
  const path = journal === undefined ? join(folder, fileName) : resolve(journal);
  return openJournal(path, { onWarning: (message) => onWarning(message, path) });
}

/** How many objects the last walk over the whole store counted: about as many as there are now. Stores of several databases may have one description. */
export function lastCount(journal: Journal | undefined, name: string, description: string): number | undefined {
  const last = journal
    ?.runs()
    .findLast(
      ({ store, state, books, options }) => store === description && options?.name === name && state === "done" && books !== undefined,
    );
  return last?.books?.scanned;
}
