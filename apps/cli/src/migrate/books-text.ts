import type { Books, Outcome, OutcomeClass } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { type ToldApart, wordedCounts } from "./class-words.ts";
import { byteSize, counted, countedOf } from "./counted.ts";
import type { MigrateStep } from "./migrate-options.ts";
import { badClasses } from "./verdict.ts";

/** Reasons of each class. */
const shownReasons = 10;
/** Objects of each reason. */
const shownIds = 3;

/** "20,003 objects, 5.2 MiB: 19,990 migrated, 10 already, 3 foreign". In the words of the step. */
export function booksLine(
  { scanned, bytes, classes, unverified }: Pick<Books, "scanned" | "bytes" | "classes" | "unverified">,
  step: MigrateStep,
  apart?: ToldApart,
): string {
  const parts = wordedCounts({ classes }, step, apart)
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${counted(count)} ${word}`);
  const blind = unverified === 0 ? [] : [`${counted(unverified)} of them unverified`];
  const all = [...parts, ...blind];
  return `${countedOf(scanned, "object")}, ${byteSize(bytes)}${all.length === 0 ? "" : `: ${all.join(", ")}`}`;
}

/**
 * What became of the objects that are neither moved nor at their place: some of each class and reason, and how many more there are. Without those of the code `but`,
 * which somebody says elsewhere.
 */
export function exceptionLines(
  { exceptions, classes, codes }: Pick<Books, "exceptions" | "classes" | "codes">,
  but?: string,
): readonly string[] {
  return badClasses.flatMap((one) => {
    const known = exceptions.filter((outcome) => outcome.class === one && (but === undefined || outcome.code !== but));
    const left = one === "quarantined" && but !== undefined ? (codes[but] ?? 0) : 0;
    return reasonLines(one, known, Math.max(0, classes[one] - left), codes);
  });
}

function reasonLines(one: OutcomeClass, known: readonly Outcome[], count: number, codes: Books["codes"]): readonly string[] {
  const reasons = [...Map.groupBy(known, ({ code, reason }) => JSON.stringify([code, reason])).values()];
  const [first] = reasons;
  const code = first?.[0]?.code;
  // Books keep a hundred, and count every code: those that they do not keep are like these.
  const isOne = reasons.length === 1 && code !== undefined && codes[code] === count;
  const shown = reasons.slice(0, shownReasons).map((of) => ({ of, count: isOne ? count : of.length }));
  const more = count - shown.reduce((sum, each) => sum + each.count, 0);
  return [
    ...shown.map((each) => field(one, `${idsText(each.of, each.count)}${reasonText(each.of[0])}`)),
    ...(more > 0 ? [field(one, `and ${counted(more)} more`)] : []),
  ];
}

/** "a, b, c and 1,997 more": all of them where one more would be as long. */
export function idsText(some: readonly Pick<Outcome, "id">[], count: number): string {
  const ids = some.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1));
  const shown = ids.slice(0, count <= shownIds + 1 ? count : shownIds);
  const list = shown.map(printable).join(", ");
  return count > shown.length ? `${list} and ${counted(count - shown.length)} more` : list;
}

function reasonText(outcome: Outcome | undefined): string {
  const why = [outcome?.code, outcome?.reason].filter((part) => part !== undefined).map(printable);
  return why.length === 0 ? "" : `: ${why.join(": ")}`;
}

/** One line of a table below the name of a store. */
export function field(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}
