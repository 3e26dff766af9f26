import { awsKms } from "@letterlock/aws-kms";
import type { Kek } from "@letterlock/core";
import { type AwsKmsAdmin, type Emulator, startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { createKeyring, type Keyring, type KeyringPolicy, type KeyStore, memoryKeyStore } from "@letterlock/keyring";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { awsClient } from "../src/aws-client.ts";
import { operationsIn } from "../src/carries-secret.ts";
import { staleRecipients } from "../src/stale-recipients.ts";
import { startWireTap, type WireTap } from "../src/wire-tap.ts";

const message = new TextEncoder().encode("one of many small values");
const tenants = ["acme", "initech", "umbrella"];
const callOf = (tenant: string) => ({ context: { tenant }, aad: "users/1" });

describe("a ring whose KEK is rotated", { timeout: 60_000 }, () => {
  const started = new AsyncDisposableStack();
  let aws: Emulator<AwsKmsAdmin>;
  let tap: WireTap;
  beforeAll(async () => {
    aws = started.use(await startAwsKms());
    tap = started.use(await startWireTap(aws.endpoint));
  });
  afterAll(() => started.disposeAsync());

  const newKek = async (): Promise<Kek> =>
    awsKms({ client: awsClient(tap.endpoint, "us-east-1", started), keyArn: await aws.admin.createKey() });
  const newRing = (keks: readonly Kek[], store: KeyStore, policy: Partial<KeyringPolicy> = {}): Keyring => {
    const ring = createKeyring({ keks, store, policy: { memory: { maxAgeMs: 60_000, maxKeys: 100 }, ...policy } });
    started.defer(() => ring[Symbol.dispose]());
    return ring;
  };
  const sealed = async (ring: Keyring): Promise<Uint8Array[]> => Promise.all(tenants.map((tenant) => ring.seal(message, callOf(tenant))));
  const expectToOpen = async (ring: Keyring, records: readonly Uint8Array[]): Promise<void> => {
    for (const [index, tenant] of tenants.entries()) expect(await ring.open(records[index] ?? message, callOf(tenant))).toEqual(message);
  };
  const staleIn = async (ring: Keyring): Promise<number> => (await Array.fromAsync(ring.stale())).length;

  test("knows which key blobs are stale, and refreshes them inside the provider", async () => {
    const kek = await newKek();
    const store = memoryKeyStore();
    const ring = newRing([kek], store);
    const records = await sealed(ring);
    expect(await staleIn(ring)).toBe(0);
    aws.admin.rotateKey(kek.keyRef);
    expect(await staleIn(ring)).toBe(tenants.length);
    tap.take();
    expect(await ring.refresh()).toMatchObject({ counts: { changed: tenants.length, failed: 0 } });
    expect(operationsIn(tap.take()).sort()).toEqual(["DescribeKey", ...tenants.map(() => "ReEncrypt")]);
    expect(await staleIn(ring)).toBe(0);
    await expectToOpen(newRing([kek], store), records);
  });

  test("notices it by itself, within the time of its policy", async () => {
    const kek = await newKek();
    const store = memoryKeyStore();
    const watchVersionsMs = 50;
    const ring = newRing([kek], store, { watchVersionsMs, newKeyAfter: { rotation: true } });
    const records = await sealed(ring);
    await vi.waitFor(() => expect(ring.status().keks[0]?.version).toBeDefined(), { timeout: 10_000, interval: 10 });
    const before = ring.status().keks[0]?.version;
    aws.admin.rotateKey(kek.keyRef);
    const isStale = async (): Promise<boolean> => {
      const { version = "" } = ring.status().keks[0] ?? {};
      const blobs = (await Array.fromAsync(store.list())).map(({ blob }) => blob);
      return version === before || blobs.some((blob) => staleRecipients(blob, kek, version).length > 0);
    };
    await vi.waitFor(async () => expect(await isStale()).toBe(false), { timeout: 10_000, interval: 10 });
    await expectToOpen(newRing([kek], store), records);
    const keys = (await Array.fromAsync(store.list())).length;
    await sealed(ring);
    expect(await Array.fromAsync(store.list())).toHaveLength(keys + tenants.length);
  });

  test("moves to another provider, and is then independent of the first", async () => {
    const from = await newKek();
    const vault = started.use(await startVaultTransit());
    vault.admin.createKey({ name: "app" });
    const to = vaultTransit({ client: started.use(vaultClient({ endpoint: vault.endpoint, token: vault.rootToken })), keyName: "app" });
    const store = memoryKeyStore();
    const records = await sealed(newRing([from], store));
    const both = newRing([to, from], store);
    await expectToOpen(both, records);
    expect(await both.rewrap({ from: [from], to: [to] })).toMatchObject({ counts: { changed: tenants.length, failed: 0 } });
    aws.admin.disableKey(from.keyRef);
    const after = newRing([to], store);
    await expectToOpen(after, records);
    expect(await staleIn(after)).toBe(0);
    aws.admin.deleteKey(from.keyRef);
    await expectToOpen(newRing([to], store), records);
  });
});
