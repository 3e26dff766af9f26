import { timeSpan } from "./counted.ts";
import type { StatedEstimate } from "./stated-estimate.ts";

/** "at least 4 s at the stated rates, 1.50 at the stated prices"; "" where the configuration states neither. */
export function statedText({ seconds, cost }: Partial<StatedEstimate> = {}): string {
  return [
    ...(seconds === undefined ? [] : [`${seconds < 1 ? "" : "at least "}${timeSpan(seconds)} at the stated rates`]),
    ...(cost === undefined ? [] : [`${cost.toFixed(2)} at the stated prices`]),
  ].join(", ");
}
