import { type Books, isBalanced, mostExceptions } from "../books.ts";
import { type OutcomeClass, outcomeClasses } from "../outcome.ts";

/** The books of parts that have no object in common, as those of the whole. Counts add up; of the exceptions the first are kept. */
export function mergedBooks(parts: readonly Books[]): Books {
  const sum = (of: (books: Books) => number): number => parts.reduce((total, books) => total + of(books), 0);
  const codes: Record<string, number> = {};
  for (const part of parts) for (const [code, count] of Object.entries(part.codes)) codes[code] = (codes[code] ?? 0) + count;
  const classes = Object.fromEntries(outcomeClasses.map((one) => [one, sum((books) => books.classes[one])])) as Record<
    OutcomeClass,
    number
  >;
  const merged: Books = {
    scanned: sum(({ scanned }) => scanned),
    classes,
    codes,
    unverified: sum(({ unverified }) => unverified),
    bytes: sum(({ bytes }) => bytes),
    exceptions: parts.flatMap(({ exceptions }) => exceptions).slice(0, mostExceptions),
    ok: parts.every(({ ok }) => ok),
  };
  if (!isBalanced(merged)) throw new Error(`the books do not balance: ${JSON.stringify(classes)} of ${merged.scanned}`);
  return merged;
}
