import { join, resolve } from "node:path";
import type { Journal } from "@letterlock/migrate/journal";
import type { Configuration } from "../keks/configuration.ts";
import { printable } from "../terminal/printable.ts";
import type { Report } from "../terminal/report.ts";
import type { MigrateOptions } from "./migrate-options.ts";

const fileName = "letterlock.journal";

/** The journal of --journal, else the one beside the configuration; undefined with --no-journal. */
export async function keptJournal({ journal }: MigrateOptions, { folder }: Configuration, report: Report): Promise<Journal | undefined> {
  if (journal === false) return undefined;
  const { openJournal } = await import("@letterlock/migrate/journal");
  const path = journal === undefined ? join(folder, fileName) : resolve(journal);
  return openJournal(path, { onWarning: (message) => report.warning(printable(message), { journal: path }) });
}

/** How many objects the last walk over the whole store counted: about as many as there are now. */
export function lastCount(journal: Journal | undefined, description: string): number | undefined {
  const last = journal?.runs().findLast(({ store, state, books }) => store === description && state === "done" && books !== undefined);
  return last?.books?.scanned;
}
