import { KeyManagementServiceClient } from "@google-cloud/kms";
import { open, seal } from "@letterlock/core";
import { startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { type GcpKmsClient, gcpKms } from "@letterlock/gcp-kms";
import { type VaultClient, vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { traced } from "../src/index.ts";
import { collecting } from "./support/collected.ts";
import { listening } from "./support/listening.ts";

// Where the name of a request is in the body, or of the adapter's own making.

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const message = new TextEncoder().encode("message");

let collected = collecting();
let answered: string[] = [];
beforeEach(() => {
  collected = collecting();
  answered = [];
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
