import {
  DescribeKeyCommand,
  type KeyMetadata,
  type KMSClient,
  paginateListAliases,
  paginateListKeys,
  paginateListResourceTags,
} from "@aws-sdk/client-kms";
import { type AwsKmsKek, awsKms } from "./aws-kms.ts";
import { type AwsKmsKeyFilter, matchesAlias, readFilter } from "./key-filter.ts";
import { readGrantTokens, requireClient, requireOptions } from "./options.ts";
import { sanitized } from "./sanitized-call.ts";

export interface FindAwsKmsKeysOptions {
  /** Its account and region are searched, and the KEKs use it. */
  readonly client: KMSClient;
  readonly filter: AwsKmsKeyFilter;
  /** Given to every KEK. */
  readonly grantTokens?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The keys of an account and region that can be KEKs, for set-up: list them once, look at them, and pass them on. Opening never searches.
 * Symmetric encryption keys that are enabled and managed by the customer, in the order of their ARNs; others are left out. Rejects with an `AwsKmsError`
 * as soon as one question fails, because a list with a gap would seal for fewer keys than somebody believes.
 */
export async function findAwsKmsKeys(options: FindAwsKmsKeysOptions): Promise<readonly AwsKmsKek[]> {
  requireOptions(options, ["client", "filter", "grantTokens", "signal"]);
  const { client, grantTokens, signal } = options;
  requireClient(client);
  readGrantTokens(grantTokens);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
  const search: Search = { client, filter: readFilter(options.filter), until: signal === undefined ? {} : { abortSignal: signal } };
  const arns = await sanitized(() => keyArns(search));
  return [...arns].sort().map((keyArn) => awsKms({ client, keyArn, grantTokens }));
}

interface Search {
  readonly client: KMSClient;
  readonly filter: AwsKmsKeyFilter;
  readonly until: { readonly abortSignal?: AbortSignal };
}

async function keyArns(search: Search): Promise<ReadonlySet<string>> {
  const arns = new Set<string>();
  for (const keyId of await keyIds(search)) {
    if (!(await hasTag(keyId, search))) continue;
    const { KeyMetadata } = await search.client.send(new DescribeKeyCommand({ KeyId: keyId }), search.until);
    if (KeyMetadata?.Arn !== undefined && canWrap(KeyMetadata, search.filter)) arns.add(KeyMetadata.Arn);
  }
  return arns;
}

/** Those that an alias names, or all; some aliases of the service itself name none. */
async function keyIds({ client, filter: { alias }, until }: Search): Promise<ReadonlySet<string>> {
  const found = new Set<string | undefined>();
  if (alias === undefined) {
    for await (const { Keys } of paginateListKeys({ client }, {}, until)) for (const key of Keys ?? []) found.add(key.KeyId);
  } else {
    for await (const { Aliases } of paginateListAliases({ client }, {}, until)) {
      for (const one of Aliases ?? []) if (matchesAlias(one.AliasName, alias)) found.add(one.TargetKeyId);
    }
  }
  found.delete(undefined);
  return found as ReadonlySet<string>;
}

async function hasTag(keyId: string, { client, filter: { tag }, until }: Search): Promise<boolean> {
  if (tag === undefined) return true;
  for await (const { Tags } of paginateListResourceTags({ client }, { KeyId: keyId }, until)) {
    if (Tags?.some(({ TagKey, TagValue }) => TagKey === tag.key && (tag.value === undefined || TagValue === tag.value))) return true;
  }
  return false;
}

function canWrap({ KeySpec, KeyState, KeyManager, AWSAccountId }: KeyMetadata, { account }: AwsKmsKeyFilter): boolean {
  if (account !== undefined && AWSAccountId !== account) return false;
  return KeySpec === "SYMMETRIC_DEFAULT" && KeyState === "Enabled" && KeyManager === "CUSTOMER";
}
