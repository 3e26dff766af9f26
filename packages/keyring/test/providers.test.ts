import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { inspect, type Kek } from "@letterlock/core";
import { type EmulatorAdmin, startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeyring, type Keyring, type KeyringPolicy, memoryKeyStore } from "../src/index.ts";
import { acme, collect, disposedLater, message } from "./support/rings.ts";

interface Provider {
  readonly kek: Kek;
  readonly admin: Pick<EmulatorAdmin, "fail" | "clearFaults" | "takeRequests">;
  rotate(): void;
  another(): Promise<Kek>;
}

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

async function aws(): Promise<Provider> {
  const emulator = running.use(await startAwsKms());
  const { endpoint, admin } = emulator;
  const credentials = { accessKeyId: "alice", secretAccessKey: "secret" };
  const client = new KMSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  running.defer(() => client.destroy());
  const keyArn = await admin.createKey();
  const another = async (): Promise<Kek> => awsKms({ client, keyArn: await admin.createKey() });
  return { kek: awsKms({ client, keyArn }), admin, rotate: () => admin.rotateKey(keyArn), another };
}

async function vault(): Promise<Provider> {
  const emulator = running.use(await startVaultTransit());
  const { endpoint, admin } = emulator;
  admin.putPolicy("transit", 'path "transit/*" { capabilities = ["create", "read", "update"] }');
  const client = vaultClient({ endpoint, token: admin.createToken({ policies: ["transit"] }), timeoutMs: 300 });
  running.use(client);
  // Vault wraps again by itself under derived keys alone.
  const newKey = (): { readonly keyRef: string; readonly kek: Kek } => {
    const keyRef = admin.createKey({ derived: true });
    return { keyRef, kek: vaultTransit({ client, keyName: keyRef.replace("transit/", ""), cluster: "test", derived: true }) };
  };
  const { keyRef, kek } = newKey();
  return { kek, admin, rotate: () => admin.rotateKey(keyRef), another: async () => newKey().kek };
}

describe.each([
  {
    name: "AWS KMS",
    start: aws,
    create: ["GenerateDataKey"],
    open: ["Decrypt"],
    rotation: ["DescribeKey", "ReEncrypt"],
  },
  { name: "Vault Transit", start: vault, create: ["keys/read", "encrypt"], open: ["decrypt"], rotation: ["keys/read", "rewrap"] },
])("a ring on $name", ({ start, create, open, rotation }) => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await start();
  });
  const newRing = (policy: Partial<KeyringPolicy> = {}, store = memoryKeyStore(), kek = provider.kek): Keyring =>
    disposedLater(createKeyring({ keks: [kek], store, policy: { memory: { maxAgeMs: 60_000, maxKeys: 100 }, ...policy } }));
  const taken = (): string[] => provider.admin.takeRequests().map(({ operation }) => operation);

  test("makes one call for 1,000 messages, and one in a cold process", async () => {
    const store = memoryKeyStore();
    const ring = newRing({}, store);
    taken();
    const records = await Promise.all(Array.from({ length: 1_000 }, () => ring.seal(message, acme)));
    expect(taken()).toEqual(create);
    const cold = newRing({}, store);
    const opened = await Promise.all(records.map((record) => cold.open(record, acme)));
    expect(opened).toEqual(records.map(() => message));
    expect(taken()).toEqual(open);
  });

  test("refreshes inside the provider: no data key crosses the wire", async () => {
    const store = memoryKeyStore();
    const ring = newRing({ hierarchy: ["tenant"] }, store);
    const record = await ring.seal(message, acme);
    await ring.seal(message, { ...acme, context: { tenant: "other" } });
    provider.rotate();
    taken();
    expect((await ring.refresh()).counts).toMatchObject({ changed: 2, unaffected: 2, failed: 0 });
    const operations = taken();
    expect(operations.filter((operation) => operation === rotation.at(-1))).toHaveLength(2);
    expect([...new Set(operations)].toSorted()).toEqual(rotation);
    expect(await newRing({ hierarchy: ["tenant"] }, store).open(record, acme)).toEqual(message);
  });

  test("refreshes what it can verify, where that is asked for", async () => {
    const store = memoryKeyStore();
    const ring = newRing({}, store);
    const record = await ring.seal(message, acme);
    provider.rotate();
    taken();
    expect((await ring.refresh({ verify: true })).counts).toMatchObject({ changed: 1 });
    expect(taken()).toEqual(expect.arrayContaining(open));
    expect(await newRing({}, store).open(record, acme)).toEqual(message);
  });

  test("bridges an outage with what it has in memory, and comes back", async () => {
    const ring = newRing({ memory: { maxAgeMs: 50, maxKeys: 10 }, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    provider.admin.fail({ as: "unavailable", times: Number.POSITIVE_INFINITY });
    await expect.poll(() => ring.openSync(record, acme), { interval: 10 }).toBeUndefined();
    expect(await ring.open(record, acme)).toEqual(message);
    expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
    expect(ring.status()).toMatchObject({ healthy: false, keks: [{ keyRef: provider.kek.keyRef, lastFailure: { code: "unavailable" } }] });
    provider.admin.clearFaults();
    await expect.poll(async () => [await ring.open(record, acme), ring.status().healthy], { timeout: 5_000 }).toEqual([message, true]);
  });

  test("falls to grace when the provider does not answer", async () => {
    const ring = newRing({ memory: { maxAgeMs: 50, maxKeys: 10 }, graceMs: 60_000, renewalMs: 200 });
    const record = await ring.seal(message, acme);
    await expect.poll(() => ring.openSync(record, acme), { interval: 10 }).toBeUndefined();
    provider.admin.fail({ as: "timeout", times: Number.POSITIVE_INFINITY });
    expect(await ring.open(record, acme)).toEqual(message);
    expect(ring.status().healthy).toBe(false);
    provider.admin.clearFaults();
  });

  test("moves to another key", async () => {
    const store = memoryKeyStore();
    const ring = newRing({}, store);
    const record = await ring.seal(message, acme);
    const target = await provider.another();
    expect((await ring.rewrap({ from: [provider.kek], to: [target] })).counts).toMatchObject({ changed: 1 });
    expect(await newRing({}, store, target).open(record, acme)).toEqual(message);
    expect(await collect(ring.stale())).toMatchObject([{ keyId: inspect(record).keyId, recipients: [{ keyRef: target.keyRef }] }]);
  });
});
