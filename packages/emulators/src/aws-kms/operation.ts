import type { Access, Caller, Use } from "./access.ts";
import { AwsKmsError } from "./aws-kms-error.ts";
import { type Fields, texts } from "./fields.ts";
import type { KeyStore } from "./key-store.ts";
import type { KmsKey } from "./kms-key.ts";

/** What the operations work on. */
export interface Service {
  readonly store: KeyStore;
  readonly access: Access;
  /** How long a new grant works only with its token, in milliseconds. */
  readonly grantDelayMs: number;
}

export interface OperationCall {
  readonly name: string;
  readonly fields: Fields;
  readonly caller: Caller;
  readonly service: Service;
}

/** Throws AwsKmsError; undefined is an empty answer. */
export type Operation = (call: OperationCall) => Answer | Promise<Answer>;
export type Answer = Readonly<Record<string, unknown>> | undefined;
export type Operations = Readonly<Record<string, Operation>>;

/** The key that the request names, if this caller may do this with it. */
export function allowedKey(call: OperationCall, keyId: string, use: Omit<Partial<Use>, "operation"> = {}): KmsKey {
  const key = call.service.store.find(keyId, call.caller);
  requireAllowed(call, key, use);
  return key;
}

export function requireAllowed(call: OperationCall, key: KmsKey, use: Omit<Partial<Use>, "operation"> = {}): void {
  call.service.access.requireUse(call.caller, key, {
    operation: call.name,
    action: `kms:${call.name}`,
    tokens: grantTokens(call),
    ...use,
  });
}

/** Tokens that no grant has are refused, whether they are needed or not. */
function grantTokens({ fields, service, caller }: OperationCall): readonly string[] {
  const tokens = texts(fields, "GrantTokens");
  for (const token of tokens) {
    const known = service.store.keysIn(caller.region).some((key) => [...key.grants.values()].some((grant) => grant.token === token));
    if (!known) throw new AwsKmsError("InvalidGrantTokenException");
  }
  return tokens;
}
