import type { EncryptionContext } from "./encryption-context.ts";

/** Lets one principal do some operations with one key, beside the key's policy. */
export interface Grant {
  readonly id: string;
  readonly token: string;
  readonly name: string | undefined;
  readonly grantee: string;
  readonly retiring: string | undefined;
  readonly operations: readonly string[];
  readonly equals: EncryptionContext | undefined;
  readonly subset: EncryptionContext | undefined;
  readonly createdAt: number;
  /** From then on it works without its token. */
  readonly settledAt: number;
}

export interface GrantUse {
  readonly operation: string;
  readonly principal: string;
  readonly tokens: readonly string[];
  readonly context: EncryptionContext;
}

export function grants(grant: Grant, { operation, principal, tokens, context }: GrantUse): boolean {
  if (grant.grantee !== principal || !grant.operations.includes(operation)) return false;
  if (Date.now() < grant.settledAt && !tokens.includes(grant.token)) return false;
  if (grant.subset !== undefined && !isSubset(grant.subset, context)) return false;
  return grant.equals === undefined || (isSubset(grant.equals, context) && isSubset(context, grant.equals));
}

function isSubset(some: EncryptionContext, all: EncryptionContext): boolean {
  return Object.entries(some).every(([key, value]) => Object.hasOwn(all, key) && all[key] === value);
}
