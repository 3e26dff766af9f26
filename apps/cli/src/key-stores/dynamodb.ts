import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamoDbKeyStore } from "@letterlock/keyring/dynamodb";
import { type ConnectedStore, connectDeadlineMs, type Explanation, storeDeadlineMs } from "./connected-store.ts";
import type { DynamoDbStoreUri } from "./key-store-uri.ts";

/** Credentials, and the region where the URI does not say it, are the SDK's own business. */
export async function openDynamoDbStore({ table, region, endpoint }: DynamoDbStoreUri): Promise<ConnectedStore> {
  const inner = new DynamoDBClient({
    requestHandler: { connectionTimeout: connectDeadlineMs, requestTimeout: storeDeadlineMs },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const client = DynamoDBDocumentClient.from(inner);
  return {
    store: dynamoDbKeyStore({ client, tableName: table }),
    explain,
    close: async () => {
      client.destroy();
      inner.destroy();
    },
  };
}

const denials: readonly string[] = [
  "AccessDeniedException",
  "CredentialsProviderError",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
];
const throttles: readonly string[] = ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];

function explain(error: unknown): Explanation {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  if (name === "ResourceNotFoundException") return { code: "provider-error", advice: "there is no such table in this region and account" };
  if (denials.includes(String(name))) return { code: "access-denied", advice: "look at the credentials of AWS and what they may do" };
  if (throttles.includes(String(name))) return { code: "throttled" };
  if (name === "InternalServerError" || name === "ServiceUnavailable") return { code: "unavailable" };
  if (/^Region is missing/.test(String(message)))
    return { code: "provider-error", advice: "say the region: ?region=REGION, or AWS_REGION" };
  return { code: "provider-error" };
}
