import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamoDbKeyStore } from "@letterlock/keyring/dynamodb";
import { explainAws } from "../drivers/aws-errors.ts";
import { awsTimeLimits } from "../drivers/aws-time-limits.ts";
import type { Explanation } from "../drivers/explanation.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { DynamoDbStoreUri } from "./key-store-uri.ts";

/** Credentials, and the region where the URI does not say it, are the SDK's own business. */
export async function openDynamoDbStore({ table, region, endpoint }: DynamoDbStoreUri): Promise<ConnectedStore> {
  const inner = new DynamoDBClient({
    requestHandler: awsTimeLimits(),
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

function explain(error: unknown): Explanation {
  const { name } = error as { readonly name?: unknown };
  if (name === "ResourceNotFoundException") return { code: "wrong-usage", advice: "there is no such table in this region and account" };
  return explainAws(error, "?region=REGION");
}
