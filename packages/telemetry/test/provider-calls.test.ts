import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { KMSClient } from "@aws-sdk/client-kms";
import { KeyClient } from "@azure/keyvault-keys";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { awsKms } from "@letterlock/aws-kms";
import { azureKeyVault } from "@letterlock/azure-key-vault";
import { type Kek, open, refresh, seal } from "@letterlock/core";
import { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { type GcpKmsClient, gcpKms } from "@letterlock/gcp-kms";
import { retrying } from "@letterlock/resilience";
import { type VaultClient, vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ProviderCall, providerCallChannel, traced } from "../src/index.ts";
import { collecting, withAttributes } from "./support/collected.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const aws = running.use(await startAwsKms());
const awsClient = new KMSClient({
  endpoint: aws.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "alice", secretAccessKey: "secret" },
  maxAttempts: 1,
});
running.defer(() => awsClient.destroy());
const awsKek = awsKms({ client: awsClient, keyArn: await aws.admin.createKey() });

const azure = running.use(await startAzureKeyVault());
await azure.admin.createKey({ name: "orders" });
const credential = { getToken: async () => ({ token: "anybody", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const azureKek = azureKeyVault({
  client: new KeyClient(azure.endpoint, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: azure.certificate },
    retryOptions: { maxRetries: 0 },
  }),
  keyName: "orders",
});

const message = new TextEncoder().encode("message");

let collected = collecting();
let answered: string[] = [];
/** What the SDK of Azure called its requests. */
let asked: unknown[] = [];
beforeEach(() => {
  collected = collecting();
  answered = [];
  asked = [];
  subscribe("http.client.response.finish", onAnswer);
});
afterEach(() => unsubscribe("http.client.response.finish", onAnswer));

/** What was on the wire, as Node saw it. A challenge is an answer of its own, and not the one that was waited for. */
function onAnswer(finished: unknown): void {
  const { request, response } = finished as { readonly request: ClientRequest; readonly response: IncomingMessage };
  const { statusCode, headers } = response;
  if (statusCode === 401) return;
  const id = headers["x-amzn-requestid"] ?? headers["x-ms-request-id"];
  if (typeof id === "string") answered.push(id);
  const name = request.getHeader("x-ms-client-request-id");
  if (name !== undefined) asked.push(name);
}

describe.each([
  { name: "AWS KMS", kek: awsKek as Kek, admin: aws.admin, semantic: "aws.request_id" },
  { name: "Azure Key Vault", kek: azureKek, admin: azure.admin, semantic: "azure.service.request.id" },
])("$name", ({ kek, admin, semantic }) => {
  test("puts the id of each request on the span of its call", async () => {
    const tracing = traced(kek, collected.options);
    const envelope = await seal(message, [tracing], { context: { tenant: "acme" } });
    await open(envelope, [tracing], { context: { tenant: "acme" } });
    await refresh(envelope, [tracing], { context: { tenant: "acme" } });
    const ids = collected.spans().map(({ attributes }) => attributes["letterlock.provider_request_id"]);
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(ids).toEqual(answered.map((id) => [id]));
    expect(collected.spans().map(({ attributes }) => attributes[semantic])).toEqual(answered);
    const names = collected.spans().flatMap(({ attributes }) => attributes["letterlock.client_request_id"] ?? []);
    expect(names).toHaveLength(kek.provider === "azure-key-vault" ? answered.length : 0);
    expect(names).toEqual(asked);
  });

  test("puts it on the span of a refusal too", async () => {
    admin.fail({ as: "throttled" });
    await expect(seal(message, [traced(kek, collected.options)])).rejects.toMatchObject({ code: "throttled" });
    expect(answered).toHaveLength(1);
    expect(collected.spans()[0]?.attributes).toMatchObject({ "error.type": "throttled", "letterlock.provider_request_id": answered });
  });

  test("keeps 30 calls at once apart", async () => {
    const tracing = traced(kek, collected.options);
    const envelopes = await Promise.all(Array.from({ length: 30 }, () => seal(message, [tracing])));
    await Promise.all(envelopes.map((envelope) => open(envelope, [tracing])));
    const ids = collected.spans().flatMap(({ attributes }) => attributes["letterlock.provider_request_id"] as string[]);
    expect(ids).toHaveLength(60);
    expect(ids.toSorted()).toEqual(answered.toSorted());
  });

  test("puts all ids on a span around retries", async () => {
    admin.fail({ as: "throttled", times: 2 });
    await seal(message, [traced(retrying(kek, { attempts: 3 }), collected.options)]);
    expect(collected.spans().map(({ attributes }) => attributes["letterlock.provider_request_id"])).toEqual([answered]);
    expect(answered).toHaveLength(3);
  });

  test("puts none where there was no answer", async () => {
    admin.fail({ as: "reset" });
    await expect(seal(message, [traced(kek, collected.options)])).rejects.toMatchObject({ code: "unavailable" });
    expect(collected.spans()[0]?.attributes).not.toHaveProperty("letterlock.provider_request_id");
  });

  test("publishes who, what and which request, and nothing else", async () => {
    const published = listening();
    const envelope = await seal(message, [kek]);
    await open(envelope, [kek]);
    const told = published();
    await open(envelope, [kek]);
    expect(told).toHaveLength(2);
    const { provider, keyRef } = kek;
    const operations = provider === "aws-kms" ? ["GenerateDataKey", "Decrypt"] : ["wrapKey", "unwrapKey"];
    const named = (index: number) => (provider === "aws-kms" ? {} : { clientRequestId: asked[index] });
    expect(told).toEqual(
      operations.map((operation, index) => ({ provider, keyRef, operation, requestId: answered[index], ...named(index) })),
    );
  });
});

describe("Vault Transit", async () => {
  const vault = running.use(await startVaultTransit());
  const own = running.use(vaultClient({ endpoint: vault.endpoint, token: vault.rootToken }));
  const keyName = vault.admin.createKey().slice("transit/".length);
  const noting = async (answer: Promise<unknown>): Promise<unknown> => {
    const body = await answer;
    answered.push((body as { readonly request_id: string }).request_id);
    return body;
  };
  const client: VaultClient = {
    read: (path, options) => noting(own.read(path, options)),
    write: (path, data, options) => noting(own.write(path, data, options)),
  };

  test("puts the id of each request on the span of its call, the look at the key included", async () => {
    const kek = traced(vaultTransit({ client, keyName }), collected.options);
    const envelope = await seal(message, [kek]);
    await open(envelope, [kek]);
    await kek.currentVersion?.({ signal: new AbortController().signal });
    expect(answered).toHaveLength(4);
    expect(collected.spans().map(({ attributes }) => attributes["letterlock.provider_request_id"])).toEqual([
      answered.slice(0, 2),
      answered.slice(2, 3),
      answered.slice(3),
    ]);
  });

  test("gives all calls of a batch the id of their one request", async () => {
    const kek = traced(vaultTransit({ client, keyName, batch: true }), collected.options);
    await seal(message, [kek]);
    collected.clear();
    answered = [];
    await Promise.all(Array.from({ length: 5 }, () => seal(message, [kek])));
    expect(answered).toHaveLength(1);
    expect(collected.spans().map(({ attributes }) => attributes["letterlock.provider_request_id"])).toEqual(Array(5).fill(answered));
  });

  test("tells of a failure without an id, because Vault does not say it", async () => {
    const kek = vaultTransit({ client, keyName });
    await seal(message, [kek]);
    const published = listening();
    vault.admin.fail({ as: "throttled" });
    await expect(seal(message, [traced(kek, collected.options)])).rejects.toMatchObject({ code: "throttled" });
    expect(published()).toEqual([
      { provider: "vault-transit", keyRef: `transit/${keyName}`, operation: `transit/encrypt/${keyName}`, requestId: undefined },
    ]);
    expect(collected.spans()[0]?.attributes).not.toHaveProperty("letterlock.provider_request_id");
  });
});

describe("Cloud KMS", async () => {
  const gcp = running.use(await startGcpKms());
  const keyName = await gcp.admin.createKey();
  const sdk = new KeyManagementServiceClient(gcp.clientOptions);
  running.defer(() => sdk.close());
  const sent: unknown[] = [];
  const noting = <T extends Parameters<GcpKmsClient["encrypt"]>[1]>(options: T): T => {
    sent.push(options.otherArgs.headers?.["x-goog-request-reason"]);
    return options;
  };
  const client: GcpKmsClient = {
    initialize: () => sdk.initialize(),
    encrypt: (request, options) => sdk.encrypt(request, noting(options) as object) as ReturnType<GcpKmsClient["encrypt"]>,
    decrypt: (request, options) => sdk.decrypt(request, noting(options) as object) as ReturnType<GcpKmsClient["decrypt"]>,
    getCryptoKey: (request, options) => sdk.getCryptoKey(request, noting(options) as object) as ReturnType<GcpKmsClient["getCryptoKey"]>,
  };
  const kek = gcpKms({ client, keyName });

  test("names each call for the audit log, and puts the name on its span", async () => {
    sent.length = 0;
    const tracing = traced(kek, collected.options);
    const envelope = await seal(message, [tracing]);
    await open(envelope, [tracing]);
    gcp.admin.fail({ as: "throttled" });
    await expect(open(envelope, [tracing])).rejects.toMatchObject({ code: "throttled" });
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
    expect(sent[0]).toMatch(/^letterlock\/[0-9a-f-]{36}$/);
    expect(collected.spans().map(({ attributes }) => attributes["letterlock.provider_request_id"])).toEqual(sent.map((id) => [id]));
  });

  test("names no call while nobody listens", async () => {
    sent.length = 0;
    await seal(message, [kek]);
    expect(sent).toEqual([undefined]);
  });
});

/** What is published from now on, until it is asked for. */
function listening(): () => readonly unknown[] {
  const published: unknown[] = [];
  const listen = (call: unknown): void => void published.push(call);
  subscribe(providerCallChannel, listen);
  return () => {
    unsubscribe(providerCallChannel, listen);
    return published;
  };
}

test("listens only while a call runs, and to nobody who publishes something else", async () => {
  const call: ProviderCall = { provider: "local", keyRef: "a", operation: "wrap", requestId: "outside" };
  const { channel } = await import("node:diagnostics_channel");
  const calls = channel(providerCallChannel);
  expect(calls.hasSubscribers).toBe(false);
  const published = [
    null,
    "text",
    {},
    { ...call, requestId: 7 },
    { ...call, requestId: "a b" },
    { ...call, requestId: "x".repeat(257) },
    { ...call, keyRef: 1 },
    { ...call, clientRequestId: "a b" },
  ];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const kek: Kek = {
    ...awsKek,
    currentVersion: async () => {
      for (const message of published) calls.publish(message);
      calls.publish({ ...call, requestId: "inside" });
      await gate;
      return "1";
    },
  };
  const running = traced(kek, collected.options).currentVersion?.({ signal: new AbortController().signal });
  expect(calls.hasSubscribers).toBe(true);
  calls.publish(call);
  release();
  await running;
  expect(calls.hasSubscribers).toBe(false);
  expect(withAttributes(collected.spans(), {})[0]?.attributes["letterlock.provider_request_id"]).toEqual(["inside"]);
});
