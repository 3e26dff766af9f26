import { type Place, rootArn } from "./arn.ts";
import { isMap } from "./fields.ts";
import { type Condition, type Facts, holds, like, malformed, readConditions } from "./policy-condition.ts";

interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly otherThan: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface KeyPolicy {
  /** As it was written. */
  readonly document: string;
  readonly statements: readonly Statement[];
}

export interface PolicyRequest {
  /** "kms:Encrypt" */
  readonly action: string;
  readonly principal: string;
  readonly place: Place;
  readonly facts: Facts;
}

/** The policy that the service gives a key when nobody says otherwise: the account decides. */
export function defaultKeyPolicy(place: Place): KeyPolicy {
  return readKeyPolicy(
    JSON.stringify({
      Version: "2012-10-17",
      Id: "key-default-1",
      Statement: [
        {
          Sid: "Enable IAM User Permissions",
          Effect: "Allow",
          Principal: { AWS: rootArn(place) },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    }),
  );
}

export function readKeyPolicy(document: string): KeyPolicy {
  const parsed = parse(document);
  if (!isMap(parsed) || parsed.Statement === undefined) throw malformed("The policy has no Statement");
  return { document, statements: [parsed.Statement].flat().map(readStatement) };
}

/** "denied" by a statement that says so, "allowed", or "silent". The account as principal stands for everybody in it: the emulator has no IAM policies. */
export function decide({ statements }: KeyPolicy, request: PolicyRequest): "allowed" | "denied" | "silent" {
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ effect }) => effect === "Deny")) return "denied";
  return matching.some(({ effect }) => effect === "Allow") ? "allowed" : "silent";
}

function applies({ principals, actions, otherThan, conditions }: Statement, { action, principal, place, facts }: PolicyRequest): boolean {
  const everybody = ["*", rootArn(place), place.account];
  if (!principals.some((one) => one === principal || everybody.includes(one))) return false;
  const named = (patterns: readonly string[]): boolean => patterns.some((pattern) => like(action.toLowerCase(), pattern.toLowerCase()));
  if (otherThan.length > 0 ? named(otherThan) : !named(actions)) return false;
  return conditions.every((condition) => holds(condition, facts));
}

function readStatement(statement: unknown): Statement {
  if (!isMap(statement)) throw malformed("A statement must be an object");
  const { Effect, Principal, Action, NotAction, NotPrincipal, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed("Effect must be Allow or Deny");
  if (NotPrincipal !== undefined) throw malformed("the emulator does not know NotPrincipal");
  if ((Action === undefined) === (NotAction === undefined)) throw malformed("A statement has either Action or NotAction");
  const principals = isMap(Principal)
    ? Object.entries(Principal).flatMap(([kind, who]) => (kind === "AWS" ? strings(who) : []))
    : strings(Principal);
  return {
    effect: Effect,
    principals,
    actions: strings(Action ?? []),
    otherThan: strings(NotAction ?? []),
    conditions: readConditions(Condition),
  };
}

function strings(value: unknown): readonly string[] {
  const list = [value].flat();
  if (!list.every((item) => typeof item === "string")) throw malformed("Principal and Action must be text or a list of texts");
  return list as string[];
}

function parse(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw malformed("The policy is not valid JSON");
  }
}
