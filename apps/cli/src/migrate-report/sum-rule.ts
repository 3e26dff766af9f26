import { type Books, type OutcomeClass, outcomeClasses } from "@letterlock/migrate";
import { counted } from "../migrate/counted.ts";

/** Every object that was scanned is in exactly one class. Counted here, and not taken from whoever kept the books. */
export function sumOf({ classes, scanned }: Pick<Books, "classes" | "scanned">): {
  readonly isBalanced: boolean;
  readonly sum: number;
  /** "12 migrated + 3 foreign = 15 scanned" */
  readonly text: string;
} {
  const sum = outcomeClasses.reduce((total, one) => total + classes[one], 0);
  const there: readonly OutcomeClass[] = outcomeClasses.filter((one) => classes[one] > 0);
  const parts = there.map((one) => `${counted(classes[one])} ${one}`).join(" + ");
  const isBalanced = sum === scanned;
  return { isBalanced, sum, text: `${parts === "" ? "0" : parts} ${isBalanced ? "=" : "≠"} ${counted(scanned)} scanned` };
}
