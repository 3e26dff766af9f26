import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { requireServer, startMoto } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "./letterlock-command.ts";
import { secret, storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealed, opened, moves, fails } = storeMigration(folder);
/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: secret };
const aws = { ...credentials, AWS_REGION: "eu-west-1" };
const nowhere = { ...credentials, AWS_CONFIG_FILE: join(folder, "none"), AWS_SHARED_CREDENTIALS_FILE: join(folder, "none") };

describe("a store of an AWS that is away", { timeout: 60_000 }, () => {
  it.each([
    [{ type: "s3", bucket: "acme", prefix: "a/", endpoint: "http://127.0.0.1:1" }, "s3://acme/a/"],
    [{ type: "dynamodb", table: "Users", key: ["id"], attribute: "ssn", endpoint: "http://127.0.0.1:1" }, "dynamodb://Users"],
  ])("%j is unavailable", async (entry, place) => {
    await fails(entry, "unavailable", `the store users (${place}) failed (ECONNREFUSED)`, aws);
  });
});

describe.skipIf(!requireServer("moto"))("a store of AWS", { timeout: 60_000 }, () => {
  const name = `acme-${randomBytes(4).toString("hex")}`;
  let endpoint = "";
  let s3: S3Client;
  let documents: DynamoDBDocumentClient;
  beforeAll(async () => {
    ({ endpoint } = running.use(await startMoto()));
    const options = { endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    s3 = new S3Client({ ...options, forcePathStyle: true });
    running.defer(() => s3.destroy());
    const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" } as const;
    await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    for (const Key of ["app/a", "app/b", "other/c"]) await s3.send(new PutObjectCommand({ Bucket: name, Key, Body: await sealed(Key) }));
    const inner = new DynamoDBClient(options);
    running.defer(() => inner.destroy());
    documents = DynamoDBDocumentClient.from(inner);
    await documents.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["tenant", "id"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
        KeySchema: [
          { AttributeName: "tenant", KeyType: "HASH" },
          { AttributeName: "id", KeyType: "RANGE" },
        ],
      }),
    );
    for (const id of ["1", "2"])
      await documents.send(new PutCommand({ TableName: name, Item: { tenant: "acme", id, ssn: await sealed(`ssn ${id}`) } }));
  }, 120_000);

  it("is moved in S3, below a prefix", async () => {
    await moves({ type: "s3", bucket: name, prefix: "app/", endpoint, forcePathStyle: true, pageKeys: 1 }, 2, aws);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key: "app/b" }));
    expect(await opened((await Body?.transformToByteArray()) ?? "")).toBe("app/b");
  });

  it("is moved in DynamoDB", async () => {
    await moves({ type: "dynamodb", table: name, key: ["tenant", "id"], attribute: "ssn", endpoint, region: "eu-west-1" }, 2, {
      ...aws,
      AWS_REGION: "",
    });
    const { Item } = await documents.send(new GetCommand({ TableName: name, Key: { tenant: "acme", id: "2" } }));
    expect(await opened((Item?.ssn as Uint8Array | undefined) ?? "")).toBe("ssn 2");
  });

  it("says that there is no such bucket, and no region", async () => {
    const entry = { type: "s3", bucket: `not-${name}`, endpoint, forcePathStyle: true };
    await fails(
      entry,
      "wrong-usage",
      `the store users (s3://not-${name}/) failed (NoSuchBucket): there is no such bucket: name another`,
      aws,
    );
    await fails(entry, "wrong-usage", 'say the region: write "region", or AWS_REGION', nowhere);
  });

  it("says that there is no such table, that its key is another one, and no region", async () => {
    const entry = { type: "dynamodb", table: name, key: ["id"], attribute: "ssn", endpoint };
    await fails(
      { ...entry, table: "Nothing" },
      "wrong-usage",
      "(ResourceNotFoundException): there is no such table in this region and account",
      aws,
    );
    await fails(entry, "usage", `stores.users.key: the key of the table ${name} is ["tenant","id"]`, aws);
    await fails(entry, "wrong-usage", 'say the region: write "region", or AWS_REGION', nowhere);
  });
});
