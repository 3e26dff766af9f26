import { type Outcome, type OutcomeClass, outcomeClasses } from "./outcome.ts";

/** What became of everything that was scanned. The classes add up to `scanned`. */
export interface Books {
  readonly scanned: number;
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  /** How often each code decided: "not-authentic", "store". */
  readonly codes: Readonly<Record<string, number>>;
  /** Of the migrated: those that nobody has opened with the target yet. */
  readonly unverified: number;
  /** In bytes, of what was scanned. */
  readonly bytes: number;
  /** The first outcomes that are neither migrated, already nor gone; at most 100. */
  readonly exceptions: readonly Outcome[];
  /** No object is foreign, quarantined, conflict or failed, other than in classes that were accepted. */
  readonly ok: boolean;
}

export interface OpenBooks {
  enter(outcome: Outcome, bytes: number): void;
  /** As they stand. */
  read(): Books;
}

/** The classes that keep books from being ok, unless they were accepted. */
export const bad: readonly OutcomeClass[] = ["foreign", "quarantined", "conflict", "failed"];
export const mostExceptions = 100;

export function openBooks(accepted: readonly OutcomeClass[] = []): OpenBooks {
  for (const one of accepted)
    if (!bad.includes(one)) throw new TypeError(`accept names ${JSON.stringify(one)}; it may name ${bad.join(", ")}`);
  const classes = Object.fromEntries(outcomeClasses.map((one) => [one, 0])) as Record<OutcomeClass, number>;
  const codes: Record<string, number> = {};
  const exceptions: Outcome[] = [];
  let [scanned, unverified, bytes] = [0, 0, 0];
  return {
    enter(outcome, size) {
      scanned += 1;
      bytes += size;
      classes[outcome.class] += 1;
      if (outcome.unverified === true) unverified += 1;
      if (outcome.code !== undefined) codes[outcome.code] = (codes[outcome.code] ?? 0) + 1;
      if (bad.includes(outcome.class) && exceptions.length < mostExceptions) exceptions.push(outcome);
    },
    read: () => ({
      scanned,
      classes: { ...classes },
      codes: { ...codes },
      unverified,
      bytes,
      exceptions: [...exceptions],
      ok: bad.every((one) => classes[one] === 0 || accepted.includes(one)),
    }),
  };
}

/** The sum rule: every object that was scanned is in exactly one class. */
export function isBalanced({ scanned, classes }: Books): boolean {
  return outcomeClasses.reduce((sum, one) => sum + classes[one], 0) === scanned;
}
