import { requireOptions } from "./options.ts";

/** A key must meet everything that is named, and at least one thing is. */
export interface AwsKmsKeyFilter {
  /** 12 digits. Keys are always those of the account whose credentials the client has: with those of another account, nothing is found. */
  readonly account?: string | undefined;
  /** The key carries this tag, with this value if one is given. */
  readonly tag?: { readonly key: string; readonly value?: string | undefined } | undefined;
  /** "alias/orders", or with a star at its end all that begin so: "alias/orders-*". */
  readonly alias?: string | undefined;
}

/** Checks and copies. */
export function readFilter(filter: AwsKmsKeyFilter): AwsKmsKeyFilter {
  requireOptions(filter, ["account", "tag", "alias"], "filter option");
  const { account, tag, alias } = filter;
  if (account === undefined && tag === undefined && alias === undefined) {
    throw new TypeError("filter must name an account, a tag or an alias: a list of all keys is nobody's intention");
  }
  if (account !== undefined && (typeof account !== "string" || !/^\d{12}$/.test(account))) throw new TypeError("account must be 12 digits");
  if (alias !== undefined && (typeof alias !== "string" || !/^alias\/[A-Za-z0-9/_-]*\*?$/.test(alias))) {
    throw new TypeError("alias must begin with alias/, and may end with a star");
  }
  return { account, tag: tag === undefined ? undefined : readTag(tag), alias };
}

export function matchesAlias(name: string | undefined, pattern: string): boolean {
  if (name === undefined) return false;
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function readTag(tag: NonNullable<AwsKmsKeyFilter["tag"]>): NonNullable<AwsKmsKeyFilter["tag"]> {
  requireOptions(tag, ["key", "value"], "tag option");
  const { key, value } = tag;
  if (typeof key !== "string" || key === "") throw new TypeError("tag must be { key, value? }");
  if (value !== undefined && typeof value !== "string") throw new TypeError("the value of a tag must be text");
  return { key, value };
}
