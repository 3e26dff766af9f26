import { type Place, userArn } from "./arn.ts";
import { AwsKmsError } from "./aws-kms-error.ts";
import type { EncryptionContext } from "./encryption-context.ts";
import { grants } from "./grant.ts";
import { decide } from "./key-policy.ts";
import type { KmsKey } from "./kms-key.ts";
import type { Facts } from "./policy-condition.ts";

/** What is refused on demand, beside what key policies say. What a rule does not name, it refuses for all. */
export interface AwsKmsDenial {
  /** An access key id. */
  readonly credential?: string | undefined;
  /** The service's own word, in any case: "Decrypt". */
  readonly operation?: string | undefined;
  /** A key ARN. */
  readonly key?: string | undefined;
}

export interface Caller extends Place {
  readonly accessKeyId: string;
}

/** One thing that a caller wants to do. */
export interface Use {
  readonly operation: string;
  /** What policies call it: "kms:" + operation, but for the two halves of ReEncrypt. */
  readonly action: string;
  readonly context?: EncryptionContext;
  readonly tokens?: readonly string[];
  readonly facts?: Facts;
}

export interface Access {
  deny(rule: AwsKmsDenial): void;
  allowAll(): void;
  /** Before it is known whether the key exists: rules that name no key. */
  requireCaller(caller: Caller, operation: string): void;
  requireUse(caller: Caller, key: KmsKey, use: Use): void;
}

export function createAccess(): Access {
  let rules: AwsKmsDenial[] = [];
  const denied = (caller: Caller, operation: string, key: string | undefined): boolean =>
    rules.some(
      (rule) =>
        (rule.credential === undefined || rule.credential === caller.accessKeyId) &&
        (rule.operation === undefined || rule.operation.toLowerCase() === operation.toLowerCase()) &&
        (rule.key === undefined || rule.key === key),
    );
  return {
    deny: (rule) => void rules.push(rule),
    allowAll() {
      rules = [];
    },
    requireCaller(caller, operation) {
      if (denied(caller, operation, undefined)) {
        throw accessDenied(caller, `kms:${operation}`, "*", `because no identity-based policy allows the kms:${operation} action`);
      }
    },
    requireUse(caller, key, use) {
      const { operation, action } = use;
      if (denied(caller, operation, key.arn))
        throw accessDenied(caller, action, key.arn, "with an explicit deny in an identity-based policy");
      const principal = userArn(key, caller.accessKeyId);
      const verdict = decide(key.policy, { action, principal, place: key, facts: factsOf(caller, principal, use) });
      if (verdict === "denied") throw accessDenied(caller, action, key.arn, "with an explicit deny in a resource-based policy");
      if (verdict === "allowed" || hasGrant(key, principal, use)) return;
      throw accessDenied(caller, action, key.arn, `because no resource-based policy allows the ${action} action`);
    },
  };
}

/** Condition keys in lower case: KMS developer guide, "Condition keys for AWS KMS". */
function factsOf(caller: Caller, principal: string, { context = {}, facts = {} }: Use): Facts {
  const pairs = Object.entries(context);
  return {
    "aws:principalarn": [principal],
    "aws:username": [caller.accessKeyId],
    "kms:calleraccount": [caller.account],
    "kms:encryptioncontextkeys": pairs.map(([key]) => key),
    ...Object.fromEntries(pairs.map(([key, value]) => [`kms:encryptioncontext:${key.toLowerCase()}`, [value]])),
    ...facts,
  };
}

function hasGrant(key: KmsKey, principal: string, { action, context = {}, tokens = [] }: Use): boolean {
  const use = { operation: action.slice("kms:".length), principal, tokens, context };
  return [...key.grants.values()].some((grant) => grants(grant, use));
}

function accessDenied(caller: Caller, action: string, resource: string, reason: string): AwsKmsError {
  const who = userArn(caller, caller.accessKeyId);
  return new AwsKmsError(
    "AccessDeniedException",
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  );
}
