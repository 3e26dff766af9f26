import { type Books, outcomeClasses } from "@letterlock/migrate";
import type { WordedCount } from "../migrate/class-words.ts";
import { counted } from "../migrate/counted.ts";

/** Every object that was scanned is in exactly one class. Counted here, and not taken from whoever kept the books. `words` say the classes. */
export function sumOf(
  { classes, scanned }: Pick<Books, "classes" | "scanned">,
  words: readonly Omit<WordedCount, "class">[] = [],
): {
  readonly isBalanced: boolean;
  readonly sum: number;
  /** "12 migrated + 3 foreign = 15 scanned" */
  readonly text: string;
} {
  const sum = outcomeClasses.reduce((total, one) => total + classes[one], 0);
  const there = words.filter(({ count }) => count > 0);
  const parts = there.map(({ word, count }) => `${counted(count)} ${word}`).join(" + ");
  const isBalanced = sum === scanned;
  return { isBalanced, sum, text: `${parts === "" ? "0" : parts} ${isBalanced ? "=" : "≠"} ${counted(scanned)} scanned` };
}
