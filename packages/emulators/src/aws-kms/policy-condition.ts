import { AwsKmsError } from "./aws-kms-error.ts";
import { isMap } from "./fields.ts";

/** What a request says about itself, by condition key in lower case: IAM compares the names of condition keys without regard to case. */
export type Facts = Readonly<Record<string, readonly string[]>>;

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

type Compare = (fact: string, value: string) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
  StringEquals: (fact, value) => fact === value,
  StringEqualsIgnoreCase: (fact, value) => fact.toLowerCase() === value.toLowerCase(),
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: (fact, value) => fact.toLowerCase() === value.toLowerCase(),
};
const negations: Readonly<Record<string, Compare>> = {
  StringNotEquals: (fact, value) => fact === value,
  StringNotLike: like,
  ArnNotEquals: like,
  ArnNotLike: like,
};

/** `{ operator: { key: value } }`. An operator that would be ignored here is refused instead. */
export function readConditions(block: unknown): readonly Condition[] {
  if (block === undefined) return [];
  if (!isMap(block)) throw malformed("Condition must be an object");
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isMap(keys)) throw malformed(`${operator} must be an object`);
    const { base } = partsOf(operator);
    if (base !== "Null" && !(base in comparisons) && !(base in negations))
      throw malformed(`the emulator does not know the operator ${operator}`);
    return Object.entries(keys).map(([key, value]) => ({ operator, key: key.toLowerCase(), values: [value].flat().map(String) }));
  });
}

export function holds({ operator, key, values }: Condition, facts: Facts): boolean {
  const { quantifier, base, ifExists } = partsOf(operator);
  const given = facts[key] ?? [];
  if (base === "Null") return values.includes(String(given.length === 0));
  if (given.length === 0 && (ifExists || quantifier === "ForAllValues")) return true;
  const negation = negations[base];
  if (negation !== undefined) {
    const differs = (fact: string): boolean => !values.some((value) => negation(fact, value));
    return quantifier === "ForAnyValue" ? given.some(differs) : given.every(differs);
  }
  const compare = comparisons[base];
  const agrees = (fact: string): boolean => compare !== undefined && values.some((value) => compare(fact, value));
  return quantifier === "ForAllValues" ? given.every(agrees) : given.some(agrees);
}

export function malformed(text: string): AwsKmsError {
  return new AwsKmsError("MalformedPolicyDocumentException", text);
}

/** "*" is any text, "?" any character. */
export function like(fact: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`).test(fact);
}

function partsOf(operator: string): { quantifier: string | undefined; base: string; ifExists: boolean } {
  const [, quantifier, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  return { quantifier, base, ifExists: ifExists !== undefined };
}
