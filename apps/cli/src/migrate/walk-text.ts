import type { Books, OutcomeClass } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { booksLine, exceptionLines } from "./books-text.ts";
import { counted, timeSpan } from "./counted.ts";

/** What a walk says first: "users: 20,003 objects, 5.2 MiB: 20,003 migrated, in 12 s (1,667/s)", and its exceptions. */
export function walkLines(
  name: string,
  { books, seconds }: { readonly books: Books | undefined; readonly seconds: number },
  verbs: Partial<Record<OutcomeClass, string>> = {},
): readonly string[] {
  if (books === undefined) return [`${printable(name)}: no objects`];
  const rate = seconds >= 1 ? ` (${counted(Math.round(books.scanned / seconds))}/s)` : "";
  return [`${printable(name)}: ${booksLine(books, verbs)}, in ${timeSpan(seconds)}${rate}`, ...exceptionLines(books)];
}
