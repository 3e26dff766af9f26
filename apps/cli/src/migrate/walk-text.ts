import type { Books } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { booksLine, exceptionLines } from "./books-text.ts";
import type { ToldApart } from "./class-words.ts";
import { counted, timeSpan } from "./counted.ts";
import type { MigrateStep } from "./migrate-options.ts";

/** What a walk says first: "users: 20,003 objects, 5.2 MiB: 20,003 migrated, in 12 s (1,667/s)", and its exceptions. */
export function walkLines(
  step: MigrateStep,
  name: string,
  books: Books | undefined,
  seconds?: number,
  apart: ToldApart = {},
): readonly string[] {
  // It ended before anything was read: why is an error, which says so.
  if (books === undefined) return [];
  const rate = seconds === undefined || seconds < 1 ? "" : ` (${counted(Math.round(books.scanned / seconds))}/s)`;
  const time = seconds === undefined ? "" : `, in ${timeSpan(seconds)}${rate}`;
  const but = apart.notMigrated === undefined ? undefined : "no-matching-kek";
  return [`${printable(name)}: ${booksLine(books, step, apart)}${time}`, ...exceptionLines(books, but)];
}
