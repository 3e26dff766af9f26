import type { KMSClient } from "@aws-sdk/client-kms";
import { parseKeyArn } from "./key-arn.ts";

export interface AwsKmsOptions {
  /** Configured as you like: its region is the key's, and its retries and time limits are yours. */
  readonly client: KMSClient;
  /** The full ARN of the key: `arn:aws:kms:eu-west-1:111122223333:key/…`. An alias can be pointed at another key, and a bare id means another key in another account. */
  readonly keyArn: string;
  /** Sent with every call: for a grant that is too new to be known everywhere. */
  readonly grantTokens?: readonly string[] | undefined;
}

/** Checks and copies. Misuse is a `TypeError` that says what to write. */
export function readOptions(options: AwsKmsOptions): { client: KMSClient; keyArn: string; grants: { GrantTokens?: string[] } } {
  requireOptions(options, ["client", "keyArn", "grantTokens"]);
  const { client, keyArn } = options;
  requireClient(client);
  requireKeyArn(keyArn);
  return { client, keyArn, grants: readGrantTokens(options.grantTokens) };
}

export function requireOptions(options: object, known: readonly string[], what = "option"): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${what}s must be an object`);
  for (const name in options) {
    if (!known.includes(name)) throw new TypeError(`unknown ${what} ${JSON.stringify(name)}; known are ${known.join(", ")}`);
  }
}

export function requireClient(client: KMSClient): void {
  if (typeof client?.send !== "function") throw new TypeError("client must be a KMSClient of @aws-sdk/client-kms");
}

export function requireKeyArn(keyArn: string): void {
  if (parseKeyArn(keyArn) !== undefined) return;
  throw new TypeError(
    `keyArn must be the full ARN of a key, like arn:aws:kms:eu-west-1:111122223333:key/ID; ${advice(keyArn)}DescribeKey tells it as KeyMetadata.Arn`,
  );
}

/** As a part of a request. */
export function readGrantTokens(tokens: readonly string[] | undefined): { GrantTokens?: string[] } {
  if (tokens === undefined) return {};
  if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === "string" && token !== "")) {
    throw new TypeError("grantTokens must be an array of the tokens that CreateGrant returned");
  }
  return tokens.length === 0 ? {} : { GrantTokens: [...tokens] };
}

function advice(keyArn: unknown): string {
  if (typeof keyArn !== "string") return "";
  if (keyArn.includes("alias/")) return "an alias can be pointed at another key; ";
  return keyArn.startsWith("arn:") ? "" : "a bare id means another key in another account or region; ";
}
