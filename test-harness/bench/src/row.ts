/** One line of the result: a number next to its target. `met` follows from the two. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly result: number;
  readonly unit: "x" | "ms" | "MB" | "/s";
  readonly bound: "at most" | "at least";
  readonly target: number;
}

/** A row that this machine cannot measure. It is printed as such, and is never counted as met. */
export interface Unmeasured {
  readonly what: string;
  readonly reason: string;
}

export type Outcome = Row | Unmeasured;

export function isMeasured(outcome: Outcome): outcome is Row {
  return "result" in outcome;
}

export function isMet({ result, bound, target }: Row): boolean {
  return bound === "at most" ? result <= target : result >= target;
}
