import { LetterlockError, type LetterlockErrorCode } from "@letterlock/core";
import { type Books, classOfCode, type OutcomeClass, type Probe } from "@letterlock/migrate";
import { type ExitStatus, exitStatuses } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { notMigrated, wordedCounts } from "./class-words.ts";
import { counted } from "./counted.ts";

/** Those that keep books from being ok unless they are accepted. */
export const badClasses: readonly ["foreign", "quarantined", "conflict", "failed"] = ["foreign", "quarantined", "conflict", "failed"];

/**
 * What keeps books from being ok, as the error of the command; undefined where they are. Trouble that is all of one kind has the status of that kind, else it is 1. `question`: what to ask oneself
 * where everything is foreign.
 */
export function troubleOfBooks(
  books: Books & { readonly notMigrated?: number | undefined },
  accepted: readonly OutcomeClass[],
  question?: string,
): Error | undefined {
  if (books.ok) return undefined;
  const isElsewhere = question !== undefined && books.classes.foreign === books.scanned;
  const advice = isElsewhere ? { ...adviceOf, foreign: `nothing here is of Letterlock: ${question}` } : adviceOf;
  const classes = badClasses.filter((one) => books.classes[one] > 0 && !accepted.includes(one));
  const what = wordedCounts(books, "verify", { notMigrated: books.notMigrated })
    .flatMap(({ class: ending, word, count }) => {
      const one = classes.find((bad) => bad === ending);
      return one === undefined || count === 0
        ? []
        : [`${counted(count)} ${word} (${word === notMigrated ? adviceNotMigrated : advice[one]})`];
    })
    .join(", ");
  return oneTrouble(
    classes.flatMap((one) => codesOf(one, books)),
    what,
  );
}

export function troubleOfProbes(probes: readonly Probe[]): Error | undefined {
  const failed = probes.filter(({ ok }) => !ok);
  if (failed.length === 0) return undefined;
  const what = failed.map(({ provider, keyRef, operation }) => `${provider} ${keyRef} cannot ${operation}`).join(", ");
  return oneTrouble(
    failed.map(({ code }) => code),
    `${what} (\`letterlock doctor\` tells why)`,
  );
}

/** Of two troubles neither hides the other. */
export function together(one: Error | undefined, other: Error | undefined): Error | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const codes = [one, other].map((error) => (LetterlockError.is(error) ? error.code : undefined));
  return oneTrouble(codes, `${one.message}, ${other.message}`);
}

/** The status of several stores together. */
export function combined(statuses: readonly ExitStatus[]): ExitStatus {
  const troubles = new Set(statuses.filter((status) => status !== 0));
  if (troubles.has(130)) return 130;
  const [first = 0] = troubles;
  return troubles.size > 1 ? 1 : first;
}

const adviceOf: Readonly<Record<(typeof badClasses)[number], string>> = {
  foreign: "not of Letterlock: --accept foreign where such things lie there",
  quarantined: "damaged, or nobody here opens them",
  conflict: "somebody else changes them: run again",
  failed: "they are as they were: run again",
};

const adviceNotMigrated = "`migrate run` has not reached them, or something still seals for the old key";

/** undefined for a code that is no error's, and for a class that has none. */
function codesOf(one: (typeof badClasses)[number], { codes }: Books): readonly (LetterlockErrorCode | undefined)[] {
  if (one === "foreign" || one === "conflict") return [undefined];
  return Object.keys(codes)
    .filter((code) => (isCode(code) ? classOfCode[code] : "failed") === one)
    .map((code) => (isCode(code) ? code : undefined));
}

function isCode(code: string): code is LetterlockErrorCode {
  return Object.hasOwn(classOfCode, code);
}

function oneTrouble(codes: readonly (LetterlockErrorCode | undefined)[], what: string): Error {
  const statuses = new Set(codes.map((code) => (code === undefined ? 1 : exitStatuses[code])));
  const [code] = codes;
  return code === undefined || statuses.size > 1 ? failure("incomplete", what) : new LetterlockError(code, what);
}
