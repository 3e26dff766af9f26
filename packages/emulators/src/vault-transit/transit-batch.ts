import type { Answer } from "./answer.ts";
import { type Fields, integerField } from "./fields.ts";
import { oneError, Refusal } from "./refusal.ts";
import { InternalRefusal } from "./transit-ciphertext.ts";

/** The field that an item of a batch must have, and what its absence is called. */
export interface Required {
  readonly field: "plaintext" | "ciphertext";
  readonly missing: string;
}

/** A quirk of the server: as an item of a batch it fails without a word in the status. */
export class QuietRefusal extends Refusal {}

/** The server counts the JSON strings of a request, names and values alike. */
const mostStrings = 1000;

export function refuseComplexity(fields: Fields): void {
  if (countStrings(fields) > mostStrings) throw new Refusal(400, "refused JSON input due to high complexity");
}

/** Undefined where the request is no batch. */
export function batchItems(fields: Fields, required: Required | undefined): readonly Fields[] | undefined {
  const input = fields.batch_input;
  if (input === undefined || input === null) return undefined;
  if (!Array.isArray(input))
    throw unparsed(`source data must be an array or slice, got ${typeof input === "object" ? "map" : goType(input)}`);
  if (input.length === 0) throw new Refusal(400, "missing batch input to process");
  const problems = input.flatMap((item: unknown, index) => itemProblem(item, index, required) ?? []);
  if (problems[0] !== undefined) throw unparsed(problems[0]);
  const items = input as readonly Fields[];
  const withContext = items.filter(({ context }) => context !== undefined && context !== "").length;
  if (withContext !== 0 && withContext !== items.length) {
    throw new Refusal(400, "context should be set either in all the request blocks or in none");
  }
  return items;
}

/** The answers of the items in their order. Those that fail make the status; the request may name another for a batch that succeeds in part. */
export function answerBatch(
  items: readonly Fields[],
  fields: Fields,
  one: (item: Fields, index: number) => Fields,
  failed: Fields,
): Answer {
  let worst = 200;
  let succeeded = false;
  const results = items.map((item, index) => {
    const reference = item.reference ?? "";
    try {
      const result = { ...one(item, index), reference };
      succeeded = true;
      return result;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!(error instanceof QuietRefusal)) worst = error instanceof InternalRefusal && worst !== 400 ? 500 : 400;
      return { ...failed, error: error instanceof InternalRefusal ? error.bare : error.message, reference };
    }
  });
  const wanted = succeeded ? integerField(fields, "partial_failure_response_code") : undefined;
  const status = worst === 200 ? 200 : (wanted ?? worst);
  return { status, data: { batch_results: results } };
}

function itemProblem(item: unknown, index: number, required: Required | undefined): string | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return `[${index}] expected a map, got '${goType(item)}'`;
  if (required === undefined) return undefined;
  const value = (item as Fields)[required.field];
  if (value === undefined) return `'[${index}].${required.field}' ${required.missing}`;
  if (typeof value !== "string") return `'[${index}].${required.field}' expected type 'string', got unconvertible type '${goType(value)}'`;
  return undefined;
}

function unparsed(problem: string): Refusal {
  return new Refusal(500, oneError(`failed to parse batch input: ${problem}`));
}

function goType(value: unknown): string {
  if (typeof value === "number") return "json.Number";
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "[]interface {}";
  return typeof value === "object" ? "map[string]interface {}" : typeof value;
}

function countStrings(value: unknown): number {
  if (typeof value === "string") return 1;
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce((sum: number, child) => sum + countStrings(child), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}
