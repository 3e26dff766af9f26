import type { Estimate, Plan } from "@letterlock/migrate";
import { field } from "./books-text.ts";
import { statedText } from "./estimate-text.ts";
import type { Quotas } from "./quotas.ts";
import { type StatedEstimate, statedEstimate } from "./stated-estimate.ts";

/** What the steps ask for, over several stores one after the other. */
export interface PlannedTotal {
  readonly run: StatedEstimate;
  readonly verify: StatedEstimate;
  readonly finish: StatedEstimate;
}

/** The calls of all stores count together in their quotas, as those of one do. */
export function plannedTotal(plans: readonly Pick<Plan, "estimate" | "later">[], rateOf: Quotas["rateOf"]): PlannedTotal {
  const stated = (of: (plan: Pick<Plan, "estimate" | "later">) => Estimate): StatedEstimate =>
    statedEstimate(
      plans.flatMap((plan) => of(plan).calls),
      rateOf,
    );
  return {
    run: stated(({ estimate }) => estimate),
    verify: stated(({ later }) => later.verify),
    finish: stated(({ later }) => later.finish),
  };
}

/** Of the steps that state something. */
export function totalLines({ run, verify, finish }: PlannedTotal): readonly string[] {
  const lines = [
    ["takes", run],
    ["verify then", verify],
    ["finish then", finish],
  ] as const;
  return lines.flatMap(([name, estimate]) => (statedText(estimate) === "" ? [] : [field(name, `in all ${statedText(estimate)}`)]));
}
