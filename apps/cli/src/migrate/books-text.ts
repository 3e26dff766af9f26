import type { Books, Outcome, OutcomeClass } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { byteSize, counted, countedOf } from "./counted.ts";
import type { MigrateStep } from "./migrate-options.ts";
import { badClasses } from "./verdict.ts";

const shownExceptions = 10;

/** "20,003 objects, 5.2 MiB: 19,990 migrated, 10 already, 3 foreign". In the words of the step. */
export function booksLine(
  { scanned, bytes, classes, unverified }: Pick<Books, "scanned" | "bytes" | "classes" | "unverified">,
  step: MigrateStep,
): string {
  const parts = (Object.keys(classes) as OutcomeClass[])
    .filter((one) => classes[one] > 0)
    .map((one) => `${counted(classes[one])} ${verbs[step][one] ?? one}`);
  const blind = unverified === 0 ? [] : [`${counted(unverified)} of them unverified`];
  const all = [...parts, ...blind];
  return `${countedOf(scanned, "object")}, ${byteSize(bytes)}${all.length === 0 ? "" : `: ${all.join(", ")}`}`;
}

/** How a step says the classes. */
const verbs: Readonly<Record<MigrateStep, Partial<Record<OutcomeClass, string>>>> = {
  plan: { migrated: "to migrate", quarantined: "damaged or not openable" },
  run: {},
  verify: { already: "open" },
  finish: { migrated: "rid of old recipients" },
};

/** What became of the objects that are neither moved nor at their place: some of each class, and how many more there are. */
export function exceptionLines({ exceptions, classes }: Books): readonly string[] {
  return badClasses.flatMap((one) => {
    const known = exceptions.filter((outcome) => outcome.class === one);
    const shown = known.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, shownExceptions);
    const more = classes[one] - shown.length;
    return [...shown.map(exceptionLine), ...(more > 0 ? [field(one, `and ${counted(more)} more`)] : [])];
  });
}

function exceptionLine({ id, class: ending, code, reason }: Outcome): string {
  const why = [code, reason].filter((part) => part !== undefined).map(printable);
  return field(ending, `${printable(id)}${why.length === 0 ? "" : `: ${why.join(": ")}`}`);
}

/** One line of a table below the name of a store. */
export function field(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}
