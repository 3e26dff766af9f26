import { type Place, userArn } from "./arn.ts";
import { flag, oneOf, optionalText, text } from "./fields.ts";
import { decide, defaultKeyPolicy, type KeyPolicy, readKeyPolicy } from "./key-policy.ts";
import { requireNotPending } from "./kms-key.ts";
import { allowedKey, type OperationCall, type Operations } from "./operation.ts";
import { malformed } from "./policy-condition.ts";

export const policyOperations: Operations = {
  PutKeyPolicy(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    oneOf(call.fields, "PolicyName", ["default"], "default");
    text(call.fields, "Policy");
    key.policy = readPolicyFor(call, key);
    return undefined;
  },

  GetKeyPolicy(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    return { Policy: key.policy.document, PolicyName: oneOf(call.fields, "PolicyName", ["default"], "default") };
  },

  ListKeyPolicies(call) {
    allowedKey(call, text(call.fields, "KeyId"));
    return { PolicyNames: ["default"], Truncated: false };
  },
};

/** The policy of the request or the default one. One that locks its author out is refused unless the request says that it knows. */
export function readPolicyFor({ fields, caller }: OperationCall, place: Place): KeyPolicy {
  const document = optionalText(fields, "Policy");
  if (document === undefined) return defaultKeyPolicy(place);
  const policy = readKeyPolicy(document);
  const principal = userArn(place, caller.accessKeyId);
  const verdict = decide(policy, { action: "kms:PutKeyPolicy", principal, place, facts: {} });
  if (verdict !== "allowed" && !flag(fields, "BypassPolicyLockoutSafetyCheck")) {
    throw malformed("The new key policy will not allow you to update the key policy in the future.");
  }
  return policy;
}
