import { randomBytes } from "node:crypto";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { createDataKey, inspect, localKek } from "@letterlock/core";
import { requireDebianServer, requireServer, startMoto, startPostgres, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbKeyStore, dynamoDbKeyTable } from "../src/dynamodb.ts";
import { keyStoreCases, postgresKeyStore, postgresKeyTable, redisKeyStore } from "../src/index.ts";
import { testKeyStore } from "../src/vitest.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.skipIf(!requireDebianServer("postgresql"))("postgresKeyStore on PostgreSQL", () => {
  const clients: Client[] = [];
  beforeAll(async () => {
    const server = running.use(await startPostgres());
    // The test runner resolves for "import" whatever is required, and so the pool of pg, which the whole of it loads, is not found.
    const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
    for (let i = 0; i < 5; i++) {
      const client = new Connection({ host: "127.0.0.1", port: Number(new URL(server.endpoint).port), user: "postgres" });
      await client.connect();
      running.defer(() => client.end());
      clients.push(client);
    }
    await clients[0]?.query(postgresKeyTable());
  }, 60_000);
  let opened = 0;
  testKeyStore("through clients of pg", async () => postgresKeyStore({ client: clients[opened++ % clients.length] as Client }));

  describe("in the transaction of somebody else", () => {
    const kek = localKek({ name: "transaction", secret: new Uint8Array(randomBytes(32)) });
    const newBlob = async () => (await createDataKey([kek])).blob;

    test("creates nothing, and says why", async () => {
      const client = clients[0] as Client;
      const store = postgresKeyStore({ client });
      const [slot, blob] = [randomBytes(32).toString("base64url"), await newBlob()];
      for (const end of ["ROLLBACK", "COMMIT"]) {
        await client.query("BEGIN");
        await expect(store.create(slot, blob, undefined)).rejects.toMatchObject({
          code: "provider-error",
          message: expect.stringContaining("give postgresKeyStore a Pool or a client of its own"),
        });
        await client.query(end);
        expect(await store.get(inspect(blob).keyId)).toBeUndefined();
      }
      expect((await store.create(slot, blob, undefined)).created).toBe(true);
    });

    test("does not say that it destroyed or replaced", async () => {
      const client = clients[0] as Client;
      const store = postgresKeyStore({ client });
      const [slot, blob] = [randomBytes(32).toString("base64url"), await newBlob()];
      await store.create(slot, blob, undefined);
      await client.query("BEGIN");
      await expect(store.destroy(slot)).rejects.toMatchObject({ code: "provider-error" });
      await client.query("ROLLBACK");
      await client.query("BEGIN");
      await expect(store.replace(inspect(blob).keyId, blob, blob)).rejects.toMatchObject({ code: "provider-error" });
      await client.query("ROLLBACK");
      expect(await store.get(inspect(blob).keyId)).toBeDefined();
    });

    test("notices one that began and ended between its statements", async () => {
      const client = clients[0] as Client;
      const store = postgresKeyStore({ client });
      const [slot, blob] = [randomBytes(32).toString("base64url"), await newBlob()];
      const began = client.query("BEGIN");
      const created = store.create(slot, blob, undefined);
      const ended = client.query("ROLLBACK");
      await Promise.all([began, ended]);
      expect(await created).toEqual({ created: false, key: undefined });
      expect(await store.get(inspect(blob).keyId)).toBeUndefined();
    });
  });

  test("is arbiter under a real race, again and again", async () => {
    const stores = clients.map((client) => postgresKeyStore({ client }));
    const race = keyStoreCases.find(({ id }) => id === "arbitrates-first");
    for (let round = 0; round < 10; round++) await race?.run(async () => stores[opened++ % stores.length] as (typeof stores)[number]);
    expect(race).toBeDefined();
  });
});

describe.skipIf(!requireDebianServer("redis-server"))("redisKeyStore", () => {
  let endpoint = "";
  const clients: Redis[] = [];
  beforeAll(async () => {
    ({ endpoint } = running.use(await startRedis()));
    running.defer(() => {
      for (const client of clients) client.disconnect();
    });
  }, 60_000);
  const open = async (prefix?: string) => {
    const client = new Redis(endpoint);
    clients.push(client);
    return redisKeyStore({ client, prefix });
  };
  testKeyStore("on Redis", () => open());
  testKeyStore("on Redis, under another prefix", () => open("tenant-keys:{b}:"));

  test("keeps prefixes apart, and lists more than a page", async () => {
    const kek = localKek({ name: "many", secret: new Uint8Array(randomBytes(32)) });
    const [full, empty] = [await open("{full}"), await open("{empty}")];
    for (let i = 0; i < 250; i++) await full.create(`slot ${i}`, (await createDataKey([kek])).blob, undefined);
    const keyIds: string[] = [];
    for await (const { keyId } of full.list()) keyIds.push(keyId);
    expect(new Set(keyIds).size).toBe(250);
    for await (const _ of empty.list()) expect.unreachable();
  });

  test("gives an empty blob for one that is damaged, and goes on", async () => {
    const kek = localKek({ name: "damaged", secret: new Uint8Array(randomBytes(32)) });
    const store = await open("{damaged}");
    const blobs = await Promise.all(Array.from({ length: 3 }, async () => (await createDataKey([kek])).blob));
    for (const [i, blob] of blobs.entries()) await store.create(`slot ${i}`, blob, undefined);
    const keyIds = blobs.map((blob) => inspect(blob).keyId).sort();
    await clients[0]?.hset(`{damaged}key:${keyIds[0]}`, "blob", "*");
    await clients[0]?.hdel(`{damaged}key:${keyIds[1]}`, "blob");
    const listed: [string, boolean][] = [];
    for await (const { keyId, blob } of store.list()) listed.push([keyId, blob.length === 0]);
    expect(listed).toEqual(keyIds.map((keyId, i) => [keyId, i < 2]));
    expect((await store.get(keyIds[0] ?? ""))?.blob).toEqual(new Uint8Array());
  });

  test("leaves nothing of a slot behind", async () => {
    const kek = localKek({ name: "gone", secret: new Uint8Array(randomBytes(32)) });
    const store = await open("{gone}");
    const { blob } = await createDataKey([kek]);
    await store.create("slot", blob, undefined);
    await store.create("slot", (await createDataKey([kek])).blob, inspect(blob).keyId);
    expect(await clients[0]?.keys("{gone}*")).toHaveLength(4);
    expect(await store.destroy("slot")).toHaveLength(2);
    expect(await clients[0]?.keys("{gone}*")).toEqual([]);
  });

  test.each(["", "letterlock:", "{}", "{a}{b}", "}a{"])("refuses the prefix %j, which no cluster keeps together", async (prefix) => {
    await expect(open(prefix)).rejects.toThrow(TypeError);
  });
});

describe.skipIf(!requireServer("moto"))("dynamoDbKeyStore", () => {
  const tableName = `keys-${randomBytes(4).toString("hex")}`;
  let client: DynamoDBDocumentClient;
  beforeAll(async () => {
    const { endpoint } = running.use(await startMoto());
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: "eu-west-1", credentials }));
    running.defer(() => client.destroy());
    await client.send(new CreateTableCommand({ TableName: tableName, ...dynamoDbKeyTable }));
  }, 120_000);
  testKeyStore("on moto", async () => dynamoDbKeyStore({ client, tableName }));

  test("gives an empty blob for one that is damaged, and goes on", async () => {
    const store = dynamoDbKeyStore({ client, tableName });
    const kek = localKek({ name: "damaged", secret: new Uint8Array(randomBytes(32)) });
    const blobs = await Promise.all(Array.from({ length: 3 }, async () => (await createDataKey([kek])).blob));
    for (const blob of blobs) await store.create(randomBytes(32).toString("base64url"), blob, undefined);
    const keyIds = blobs.map((blob) => inspect(blob).keyId).sort();
    const partition = "letterlock#keys";
    await client.send(new PutCommand({ TableName: tableName, Item: { partition, name: keyIds[0], keyId: keyIds[0], blob: 5 } }));
    await client.send(new PutCommand({ TableName: tableName, Item: { partition, name: keyIds[1], keyId: keyIds[1] } }));
    const listed = new Map<string, number>();
    for await (const { keyId, blob } of store.list()) listed.set(keyId, blob.length);
    expect(keyIds.map((keyId) => listed.get(keyId) === 0)).toEqual([true, true, false]);
    for (const keyId of keyIds.slice(0, 2)) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: { partition, name: keyId } }));
    }
  });

  test("destroys more keys of a slot than a transaction has room for", { timeout: 60_000 }, async () => {
    const store = dynamoDbKeyStore({ client, tableName });
    const kek = localKek({ name: "many", secret: new Uint8Array(randomBytes(32)) });
    const slot = randomBytes(32).toString("base64url");
    const keyIds: string[] = [];
    for (let i = 0; i < 53; i++) {
      const { blob } = await createDataKey([kek]);
      expect((await store.create(slot, blob, keyIds.at(-1))).created).toBe(true);
      keyIds.push(inspect(blob).keyId);
    }
    expect([...(await store.destroy(slot))].sort()).toEqual([...keyIds].sort());
    for (const keyId of keyIds) expect(await store.get(keyId)).toBeUndefined();
    expect(await store.current(slot)).toBeUndefined();
  });
});
