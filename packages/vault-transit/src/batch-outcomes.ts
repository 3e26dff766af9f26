import { failureOf } from "./failure-meaning.ts";
import { type Fields, fields } from "./foreign-fields.ts";
import type { Outcome } from "./transport.ts";
import { copyOf, VaultError } from "./vault-error.ts";

/** One for each item, in their order; the status of the whole says nothing about one of them. */
export function outcomesOf(path: string, answer: Outcome, count: number): readonly Outcome[] {
  if ("error" in answer) return Array.from({ length: count }, () => ({ error: copyOf(answer.error) }));
  const { data, requestId } = answer;
  const { batch_results: results } = data;
  const complete = Array.isArray(results) && results.length === count;
  return Array.from({ length: count }, (_, index) => ({ ...outcomeOf(path, complete ? fields(results[index]) : {}), requestId }));
}

function outcomeOf(path: string, result: Fields): Outcome {
  const { error } = result;
  if (typeof error === "string" && error !== "") return { error: failureOf(path, [error]) };
  if (Object.keys(result).length > 0) return { data: result };
  return { error: new VaultError("provider-error", `vault answered ${path} without the result of this call`) };
}
