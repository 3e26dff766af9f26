import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { KMSClient } from "@aws-sdk/client-kms";
import { KeyClient } from "@azure/keyvault-keys";
import { awsKms } from "@letterlock/aws-kms";
import { azureKeyVault } from "@letterlock/azure-key-vault";
import { type Kek, open, refresh, seal } from "@letterlock/core";
import { startAwsKms, startAzureKeyVault } from "@letterlock/emulators";
import { retrying } from "@letterlock/resilience";
import { diag } from "@opentelemetry/api";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ProviderCall, providerCallChannel, traced } from "../src/index.ts";
import { collecting, withAttributes } from "./support/collected.ts";
import { listening } from "./support/listening.ts";

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

test("listens only while a call runs, and to nobody who publishes something else", async () => {
  const call: ProviderCall = { provider: "local", keyRef: "a", operation: "wrap", requestId: "outside" };
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

test("puts nothing on a span that has ended", async () => {
  const warned: string[] = [];
  const note = (text: string): void => void warned.push(text);
  diag.setLogger({ error: note, warn: note, info: () => undefined, debug: () => undefined, verbose: () => undefined });
  const calls = channel(providerCallChannel);
  const { promise: answer, resolve: answerLate } = Promise.withResolvers<void>();
  const { promise: other, resolve: endOther } = Promise.withResolvers<string>();
  const versions = [
    async () => {
      answer.then(() => calls.publish({ provider: "aws-kms", keyRef: awsKek.keyRef, operation: "Decrypt", requestId: "late" }));
      throw new Error("nobody waits");
    },
    () => other,
  ];
  const kek = traced<Kek>({ ...awsKek, currentVersion: async () => versions.shift()?.() }, collected.options);
  const [failing, waiting] = [1, 2].map(() => kek.currentVersion?.({ signal: new AbortController().signal }));
  await expect(failing).rejects.toThrow("nobody waits");
  answerLate();
  await answer;
  endOther("1");
  await waiting;
  diag.disable();
  expect(collected.spans()).toHaveLength(2);
  for (const { attributes } of collected.spans()) expect(attributes).not.toHaveProperty("letterlock.provider_request_id");
  expect(warned).toEqual([]);
});
