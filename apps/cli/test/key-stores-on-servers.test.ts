import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createDataKey, inspect } from "@letterlock/core";
import { type KeyStore, postgresKeyStore, postgresKeyTable, redisKeyStore } from "@letterlock/keyring";
import { dynamoDbKeyStore, dynamoDbKeyTable } from "@letterlock/keyring/dynamodb";
import { requireDebianServer, requireServer, startMoto, startPostgres, startRedis } from "@letterlock/servers";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { Redis } from "ioredis";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { staleKeys } from "../src/key-stores/stale-keys.ts";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlockIn, type Ran, sharedFolder } from "./letterlock-command.ts";
import { connectToPostgres } from "./postgres-connection.ts";

const emulated = emulatedProviders();
const folder = sharedFolder();
/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const aws = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

function command(environment: Readonly<Record<string, string>> = {}): (...words: readonly string[]) => Promise<Ran> {
  return (...words) => letterlockIn(folder, { ...emulated.providers.environment, ...environment })(...words);
}

/** Three keys under the KEK of Vault; their keyIds, in order. */
async function filled(store: KeyStore): Promise<readonly string[]> {
  const { environment } = emulated.providers;
  await using vault = vaultClient({ endpoint: environment.VAULT_ADDR ?? "", token: environment.VAULT_TOKEN ?? "" });
  const keyIds: string[] = [];
  for (const tenant of ["acme", "globex", "initech"]) {
    const { key, blob } = await createDataKey([vaultTransit({ client: vault, keyName: "dev" })], { context: { tenant } });
    key[Symbol.dispose]();
    await store.create(randomBytes(32).toString("base64url"), blob, undefined);
    keyIds.push(inspect(blob).keyId);
  }
  return keyIds.sort();
}

/** Rotates, and finds and refreshes what is stale. */
async function isRotated(uri: string, keyIds: readonly string[], run: (...words: readonly string[]) => Promise<Ran>): Promise<void> {
  const words = ["--key-store", uri, "--with", emulated.providers.keks.VAULT_KEK];
  expect(await run("stale", ...words)).toEqual({ status: 0, stdout: "", stderr: "" });
  emulated.providers.admin.vault.rotateKey("transit/dev");
  const listed = async (): Promise<readonly string[]> => {
    const { stdout, stderr } = await run("stale", ...words, "--json");
    expect(stderr).toBe("");
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => (JSON.parse(line) as { readonly keyId: string }).keyId);
  };
  expect(await listed()).toEqual(keyIds);
  const some = await run("refresh", ...words, "--after", keyIds[0] ?? "");
  expect(some).toMatchObject({ status: 0, stderr: "" });
  expect(some.stdout).toContain("2 key blobs, 2 changed\n");
  expect(await listed()).toEqual(keyIds.slice(0, 1));
  const all = await run("refresh", ...words);
  expect(all).toMatchObject({ status: 0, stderr: "" });
  expect(all.stdout).toContain("3 key blobs, 1 changed, 2 current\n");
  expect(await run("stale", ...words)).toEqual({ status: 0, stdout: "", stderr: "" });
}

const secret = "hunter2";

async function fails(uri: string, code: string, message: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const words of [["stale"], ["refresh"], ["refresh", "--debug"], ["stale", "--json"]]) {
    const { status, stdout, stderr } = await command(environment)(
      ...words,
      "--key-store",
      uri,
      "--with",
      emulated.providers.keks.VAULT_KEK,
    );
    expect(stderr).toContain(code);
    expect(stderr).toContain(message);
    expect(stdout + stderr).not.toContain(secret);
    expect(status).toBe(code === "access-denied" ? 4 : code === "wrong-usage" ? 2 : 5);
  }
}

describe("a key store that is away", { timeout: 60_000 }, () => {
  it.each([
    [`postgres://app:${secret}@127.0.0.1:1/shop`, "the key store postgres://127.0.0.1:1/shop failed (ECONNREFUSED)"],
    [`redis://app:${secret}@127.0.0.1:1/2`, "the key store redis://127.0.0.1:1/2 failed (ECONNREFUSED)"],
    ["dynamodb://keys?region=eu-west-1&endpoint=http://127.0.0.1:1", "the key store dynamodb://keys failed (ECONNREFUSED)"],
  ])("%s is named without its password", async (uri, message) => {
    await fails(uri, "unavailable", message, aws);
  });
});

describe.skipIf(!requireDebianServer("postgresql"))("a key store in PostgreSQL", { timeout: 60_000 }, () => {
  let host = "";
  let client: Client;
  beforeAll(async () => {
    host = new URL(running.use(await startPostgres()).endpoint).host;
    client = await connectToPostgres(host);
    running.defer(() => client.end());
    await client.query("CREATE SCHEMA keys");
    await client.query(postgresKeyTable("keys.ring"));
  }, 60_000);

  it("is found stale, and refreshed", async () => {
    const keyIds = await filled(postgresKeyStore({ client, table: "keys.ring" }));
    await isRotated(`postgres://postgres:${secret}@${host}/postgres?table=keys.ring`, keyIds, command());
  });

  it.each([
    [`postgres:${secret}`, "postgres", "wrong-usage", "/postgres failed (42P01): there is no such table: say which with ?table=NAME"],
    [`postgres:${secret}`, "shop", "wrong-usage", "/shop failed (3D000): there is no such database"],
    [`nobody:${secret}`, "postgres", "access-denied", "/postgres failed (28000): the user or the password is wrong"],
  ])("%s at %s is %s", async (user, database, code, message) => {
    await fails(`postgres://${user}@${host}/${database}`, code, `postgres://${host}${message}`);
  });

  it("says where it stopped when the connection is cut, and goes on there", async () => {
    await client.query(postgresKeyTable("keys.cut"));
    const [first = ""] = await filled(postgresKeyStore({ client, table: "keys.cut" }));
    // Whoever refreshes the second key loses the connection.
    await client.query(`CREATE FUNCTION keys.cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.key_id > (SELECT min(key_id) FROM keys.cut) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RETURN NEW; END $$`);
    await client.query("CREATE TRIGGER cut BEFORE UPDATE ON keys.cut FOR EACH ROW EXECUTE FUNCTION keys.cut()");
    const { admin, keks } = emulated.providers;
    admin.vault.rotateKey("transit/dev");
    admin.vault.takeRequests();
    const words = ["--key-store", `postgres://postgres@${host}/postgres?table=keys.cut`, "--with", keks.VAULT_KEK];
    const cut = await command()("refresh", ...words);
    expect(cut.stdout).toBe(`${first}: refreshed\n`);
    expect(cut.stderr).toContain(`letterlock: stopped after ${first}: go on with --after ${first}\n`);
    expect(cut.stderr).toContain(`letterlock: unavailable: the key store postgres://${host}/postgres failed (57P01)`);
    expect(cut.status).toBe(5);
    // The third key was not asked for in vain.
    expect(admin.vault.takeRequests().filter(({ operation }) => operation === "encrypt")).toHaveLength(2);
    await client.query("DROP TRIGGER cut ON keys.cut");
    const rest = await command()("refresh", ...words, "--after", first);
    expect(rest.stdout).toContain("2 key blobs, 2 changed\n");
    expect(await command()("stale", ...words)).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe.skipIf(!requireDebianServer("redis-server"))("a key store in Redis", { timeout: 60_000 }, () => {
  let host = "";
  beforeAll(async () => {
    const { endpoint } = running.use(await startRedis());
    host = new URL(endpoint).host;
    const client = new Redis(endpoint);
    running.defer(() => client.disconnect());
    await client.config("SET", "requirepass", secret);
  }, 60_000);

  it("is found stale, and refreshed, with a password of the URI or of the environment", async () => {
    const client = new Redis(`redis://:${secret}@${host}/3`);
    running.defer(() => client.disconnect());
    const keyIds = await filled(redisKeyStore({ client, prefix: "{keys}:" }));
    await isRotated(`redis://:${secret}@${host}/3?prefix={keys}:`, keyIds, command());
    await isRotated(`redis://${host}/3?prefix={keys}:`, keyIds, command({ REDISCLI_AUTH: secret }));
  });

  it("tells a wrong password from none", async () => {
    const message = `the key store redis://${host}/0 failed`;
    await fails(`redis://:not-${secret}@${host}`, "access-denied", message);
    await fails(`redis://${host}`, "access-denied", message);
  });

  it("warns where there is no key: the prefix may be another one", async () => {
    const words = ["--key-store", `redis://${host}/9`, "--with", emulated.providers.keks.VAULT_KEK];
    const stderr = `letterlock: the key store redis://${host}/9 has no keys\n`;
    expect(await command({ REDISCLI_AUTH: secret })("stale", ...words)).toEqual({ status: 0, stdout: "", stderr });
    const refreshed = await command({ REDISCLI_AUTH: secret })("refresh", ...words);
    expect(refreshed).toEqual({ status: 0, stdout: `redis://${host}/9: 0 key blobs\n`, stderr });
  });

  it("leaves no connection behind", async () => {
    const client = new Redis(`redis://:${secret}@${host}`);
    running.defer(() => client.disconnect());
    const connections = async (): Promise<number> =>
      String(await client.client("LIST"))
        .trim()
        .split("\n").length;
    const before = await connections();
    expect((await command()("keygen", "--name", "dev", "-o", "dev.key")).status).toBe(0);
    const words = { keyStore: `redis://:${secret}@${host}`, with: [`local:${join(folder, "dev.key")}`], quiet: true };
    expect(await staleKeys([], words)).toBe(0);
    await expect.poll(connections).toBe(before);
  });

  it("refuses a prefix that no cluster keeps together", async () => {
    const { status, stderr } = await command()(
      "stale",
      "--key-store",
      `redis://${host}?prefix=a`,
      "--with",
      emulated.providers.keks.VAULT_KEK,
    );
    expect(stderr).toContain("prefix must hold one tag");
    expect(status).toBe(2);
  });
});

describe.skipIf(!requireServer("moto"))("a key store in DynamoDB", { timeout: 60_000 }, () => {
  const table = `Keys-${randomBytes(4).toString("hex")}`;
  let endpoint = "";
  beforeAll(async () => {
    ({ endpoint } = running.use(await startMoto()));
  }, 120_000);

  it("is found stale, and refreshed", async () => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const inner = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials });
    running.defer(() => inner.destroy());
    const client = DynamoDBDocumentClient.from(inner);
    await client.send(new CreateTableCommand({ TableName: table, ...dynamoDbKeyTable }));
    const keyIds = await filled(dynamoDbKeyStore({ client, tableName: table }));
    await isRotated(`dynamodb://${table}?region=eu-west-1&endpoint=${endpoint}`, keyIds, command(aws));
  });

  it("tells that there is no such table, and no region", async () => {
    await fails(`dynamodb://nothing?region=eu-west-1&endpoint=${endpoint}`, "wrong-usage", "there is no such table", aws);
    const nowhere = { ...aws, AWS_CONFIG_FILE: join(folder, "none"), AWS_SHARED_CREDENTIALS_FILE: join(folder, "none") };
    await fails(`dynamodb://nothing?endpoint=${endpoint}`, "wrong-usage", "say the region: ?region=REGION, or AWS_REGION", nowhere);
  });
});
