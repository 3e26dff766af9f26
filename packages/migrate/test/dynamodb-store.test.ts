import { randomBytes } from "node:crypto";
import { CreateTableCommand, DynamoDBClient, type ScalarAttributeType } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, NumberValue, PutCommand } from "@aws-sdk/lib-dynamodb";
import { requireServer, startMoto } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbStore } from "../src/dynamodb.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.skipIf(!requireServer("moto"))("dynamoDbStore on moto", () => {
  let client: DynamoDBDocumentClient;
  beforeAll(async () => {
    const { endpoint } = running.use(await startMoto());
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } }),
    );
    running.defer(() => client.destroy());
  }, 120_000);

  async function newTable(...key: [name: string, type: ScalarAttributeType][]): Promise<string> {
    const TableName = `store-${randomBytes(6).toString("hex")}`;
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: key.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
        KeySchema: key.map(([AttributeName], i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" })),
      }),
    );
    return TableName;
  }

  for (const textOnly of [false, true]) {
    testShippedStore("dynamoDbStore", textOnly ? "texts" : "bytes", async () => {
      const TableName = await newTable(["tenant", "N"], ["name", "S"]);
      const forbidden = new Set<string>();
      const forbid = (name: string) => async () => {
        forbidden.add(name);
        return async () => void forbidden.delete(name);
      };
      const own = DynamoDBDocumentClient.from(new DynamoDBClient({ ...(await connection(client)) }));
      // The server has no policies: the answer to a write that is not allowed is made here, from the one of DynamoDB.
      own.middlewareStack.add(
        (next, context) => (args) => {
          if (forbidden.has(context.commandName ?? "")) throw Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
          return next(args);
        },
        { step: "initialize" },
      );
      const open = () => dynamoDbStore({ client: own, table: TableName, key: ["tenant", "name"], attribute: "secret", pageItems: 20 });
      return {
        store: open(),
        another: async () => open(),
        textOnly,
        hugeBytes: 120_000,
        put: async (name, object) => {
          const secret = textOnly ? Buffer.from(object).toString() : object;
          await client.send(new PutCommand({ TableName, Item: { tenant: 7, name, secret, other: "stays" } }));
          return JSON.stringify([7, name]);
        },
        delete: async (name) => {
          await client.send(new DeleteCommand({ TableName, Key: { tenant: 7, name } }));
        },
        get: async (name) => {
          const { Item } = await client.send(new GetCommand({ TableName, Key: { tenant: 7, name } }));
          if (Item === undefined) return undefined;
          expect(Item.other).toBe("stays");
          return textOnly ? new Uint8Array(Buffer.from(String(Item.secret))) : (Item.secret as Uint8Array);
        },
        forbid: forbid("UpdateItemCommand"),
        forbidReading: forbid("ScanCommand"),
      };
    });
  }

  test("takes keys of bytes, and items without the attribute for none", async () => {
    const TableName = await newTable(["id", "B"]);
    for (const [i, secret] of [Buffer.from("a"), "b", 5, undefined, { c: 1 }].entries())
      await client.send(new PutCommand({ TableName, Item: { id: Uint8Array.of(0, i), ...(secret !== undefined && { secret }) } }));
    const store = dynamoDbStore({ client, table: TableName, key: ["id"], attribute: "secret" });
    let seen = 0;
    for await (const { id, version } of store.scan("0/1", {})) {
      seen += 1;
      expect(await store.replace(id, version, Buffer.from("new")), id).toBe("replaced");
    }
    expect(seen).toBe(4);
  });

  test("finds items by numbers that are larger than those of JavaScript, and reads nothing else of them", async () => {
    const TableName = await newTable(["id", "N"]);
    const ids = ["9007199254740993", "9007199254740992", "-17014118346046923173168730371588410572", "5", "0.1"];
    for (const id of ids)
      await client.send(
        // A client cannot read a number like the other one.
        new PutCommand({ TableName, Item: { id: NumberValue.from(id), secret: "before", other: NumberValue.from("9007199254740993.5") } }),
      );
    const exact = DynamoDBDocumentClient.from(new DynamoDBClient(await connection(client)), { unmarshallOptions: { wrapNumbers: true } });
    for (const [i, of] of [client, exact].entries()) {
      const store = dynamoDbStore({ client: of, table: TableName, key: ["id"], attribute: "secret", pageItems: 2 });
      const seen = new Set<string>();
      for (const partition of await store.partitions(2))
        for await (const { id, version } of store.scan(partition, {})) {
          seen.add(id);
          const rest: string[] = [];
          for await (const next of store.scan(partition, { after: id })) rest.push(next.id);
          expect(rest).not.toContain(id);
          expect(await store.replace(id, version, Buffer.from(`new ${i}`)), id).toBe("replaced");
          expect(await store.replace(id, version, Buffer.from("other")), id).toBe("conflict");
        }
      expect(seen.size).toBe(ids.length);
    }
    exact.destroy();
  });
});

async function connection(client: DynamoDBDocumentClient) {
  const { hostname, port } = (await client.config.endpoint?.()) ?? { hostname: "", port: 0 };
  return { endpoint: `http://${hostname}:${port}`, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
