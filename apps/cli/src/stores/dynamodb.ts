import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamoDbStore } from "@letterlock/migrate/dynamodb";
import { explainAws } from "../drivers/aws-errors.ts";
import { awsTimeLimits } from "../drivers/aws-time-limits.ts";
import type { Explanation } from "../drivers/explanation.ts";
import { usage } from "../failure.ts";
import { checkEndpoint } from "./aws-endpoint.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { DynamoDbEntry } from "./store-entry.ts";

/** Credentials, and the region where the configuration does not say it, are the SDK's own business. */
export function openDynamoDb(name: string, { table, key, attribute, pageItems, region, endpoint }: DynamoDbEntry): ConnectedStore {
  checkEndpoint(name, endpoint);
  const inner = new DynamoDBClient({
    requestHandler: awsTimeLimits(),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  });
  const client = DynamoDBDocumentClient.from(inner);
  return {
    store: dynamoDbStore({ client, table, key, attribute, pageItems }),
    place: `dynamodb://${table}`,
    async check() {
      const actual = await keyOf(inner, table);
      if (actual === undefined || JSON.stringify(actual) === JSON.stringify(key)) return;
      throw usage(`stores.${name}.key: the key of the table ${table} is ${JSON.stringify(actual)}`);
    },
    explain: explainDynamoDb,
    async close() {
      client.destroy();
      inner.destroy();
    },
  };
}

/** Undefined for who may not look: a scan says the rest. */
async function keyOf(client: DynamoDBClient, table: string): Promise<readonly (string | undefined)[] | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    const parts = Table?.KeySchema ?? [];
    return [...parts].sort((a) => (a.KeyType === "HASH" ? -1 : 1)).map(({ AttributeName }) => AttributeName);
  } catch (error) {
    if (explainDynamoDb(error).code === "access-denied") return undefined;
    throw error;
  }
}

function explainDynamoDb(error: unknown): Explanation {
  const { name } = error as { readonly name?: unknown };
  if (name === "ResourceNotFoundException") return { code: "wrong-usage", advice: "there is no such table in this region and account" };
  if (name === "AccessDeniedException")
    return { code: "access-denied", advice: "the credentials of AWS need dynamodb:Scan, dynamodb:GetItem and dynamodb:UpdateItem" };
  return explainAws(error, 'write "region"');
}
