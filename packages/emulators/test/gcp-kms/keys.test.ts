import { describe, expect, test } from "vitest";
import { failureOf, once, runningGcpKms, transports } from "./running-gcp-kms.ts";

const kms = runningGcpKms();
const location = "projects/p/locations/europe-west1";

describe.each(transports)("over %s", (transport) => {
  const ring = `${location}/keyRings/ring-${transport}`;
  const client = () => kms.client(transport);
  const createKey = async (cryptoKeyId: string, cryptoKey: object = {}, more: object = {}) =>
    (
      await client().createCryptoKey(
        { parent: ring, cryptoKeyId, cryptoKey: { purpose: "ENCRYPT_DECRYPT", ...cryptoKey }, ...more },
        once(),
      )
    )[0];

  test("creates a ring and keys, and lists them in pages", async () => {
    const [created] = await client().createKeyRing({ parent: location, keyRingId: `ring-${transport}`, keyRing: {} }, once());
    expect(created).toMatchObject({ name: ring, createTime: { seconds: expect.stringMatching(/^\d+$/) } });
    const names = ["key-1", "key-2", "key-3", "key-4", "key-5"];
    for (const name of names) await createKey(name);
    const pages: string[][] = [];
    let pageToken = "";
    do {
      const request = { parent: ring, pageSize: 2, pageToken };
      const listed = await client().listCryptoKeys(request, { ...once(), autoPaginate: false });
      pages.push(listed[0].map(({ name }) => name?.split("/").at(-1) ?? ""));
      expect(listed[2]?.totalSize).toBe(5);
      pageToken = listed[2]?.nextPageToken ?? "";
    } while (pageToken);
    expect(pages).toEqual([["key-1", "key-2"], ["key-3", "key-4"], ["key-5"]]);
    const [all] = await client().listCryptoKeys({ parent: ring, pageSize: 2 }, once());
    expect(all).toHaveLength(5);
    const [rings] = await client().listKeyRings({ parent: location }, once());
    expect(rings.map(({ name }) => name)).toContain(ring);
    expect((await client().getKeyRing({ name: ring }, once()))[0]).toEqual(created);
  });

  test("describes a key with its primary version", async () => {
    const created = await createKey("described", {
      labels: { team: "payments" },
      rotationPeriod: { seconds: 7_776_000 },
      versionTemplate: { protectionLevel: "HSM", algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" },
      destroyScheduledDuration: { seconds: 86_400 },
    });
    const name = `${ring}/cryptoKeys/described`;
    expect(created).toMatchObject({
      name,
      purpose: "ENCRYPT_DECRYPT",
      labels: { team: "payments" },
      rotationPeriod: { seconds: "7776000" },
      versionTemplate: { protectionLevel: "HSM", algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" },
      destroyScheduledDuration: { seconds: "86400" },
      primary: { name: `${name}/cryptoKeyVersions/1`, state: "ENABLED", protectionLevel: "HSM" },
    });
    expect((await client().getCryptoKey({ name }, once()))[0]).toEqual(created);
    const update = { cryptoKey: { name, labels: { team: "orders" } }, updateMask: { paths: ["labels"] } };
    expect((await client().updateCryptoKey(update, once()))[0]).toMatchObject({
      labels: { team: "orders" },
      rotationPeriod: { seconds: "7776000" },
    });
  });

  test("rotates by a new version that is made the primary one, and keeps the old", async () => {
    await createKey("rotated");
    const name = `${ring}/cryptoKeys/rotated`;
    const [{ ciphertext: old }] = await client().encrypt({ name, plaintext: Buffer.from("x") }, once());
    const [version] = await client().createCryptoKeyVersion({ parent: name, cryptoKeyVersion: {} }, once());
    expect(version).toMatchObject({ name: `${name}/cryptoKeyVersions/2`, state: "ENABLED" });
    expect((await client().encrypt({ name, plaintext: Buffer.from("x") }, once()))[0].name).toBe(`${name}/cryptoKeyVersions/1`);
    const [moved] = await client().updateCryptoKeyPrimaryVersion({ name, cryptoKeyVersionId: "2" }, once());
    expect(moved.primary?.name).toBe(`${name}/cryptoKeyVersions/2`);
    expect((await client().encrypt({ name, plaintext: Buffer.from("x") }, once()))[0].name).toBe(`${name}/cryptoKeyVersions/2`);
    expect((await client().decrypt({ name, ciphertext: old ?? "" }, once()))[0]).toMatchObject({ usedPrimary: false });
    const [versions] = await client().listCryptoKeyVersions({ parent: name }, once());
    expect(versions.map((one) => one.name?.split("/").at(-1))).toEqual(["1", "2"]);
  });

  test("disables, enables, destroys and restores a version", async () => {
    await createKey("states", { destroyScheduledDuration: { seconds: 86_400 } });
    const name = `${ring}/cryptoKeys/states/cryptoKeyVersions/1`;
    const set = async (state: "ENABLED" | "DISABLED" | "DESTROYED") =>
      (await client().updateCryptoKeyVersion({ cryptoKeyVersion: { name, state }, updateMask: { paths: ["state"] } }, once()))[0];
    expect(await set("DISABLED")).toMatchObject({ state: "DISABLED" });
    expect(await set("ENABLED")).toMatchObject({ state: "ENABLED" });
    expect((await failureOf(set("DESTROYED"))).code).toBe(3);
    const [scheduled] = await client().destroyCryptoKeyVersion({ name }, once());
    expect(scheduled.state).toBe("DESTROY_SCHEDULED");
    const inDays = (Number(scheduled.destroyTime?.seconds) - Date.now() / 1000) / 86_400;
    expect(inDays).toBeGreaterThan(0.99);
    expect(inDays).toBeLessThan(1.01);
    expect((await failureOf(set("ENABLED"))).code).toBe(9);
    expect((await failureOf(client().destroyCryptoKeyVersion({ name }, once()))).code).toBe(9);
    expect((await client().restoreCryptoKeyVersion({ name }, once()))[0]).toMatchObject({ state: "DISABLED", destroyTime: null });
    expect((await failureOf(client().restoreCryptoKeyVersion({ name }, once()))).code).toBe(9);
    const other = { name: `${ring}/cryptoKeys/states`, cryptoKeyVersionId: "1" };
    expect((await failureOf(client().updateCryptoKeyPrimaryVersion(other, once()))).code).toBe(9);
  });

  test("destroys a version when its time has come", async () => {
    await createKey("due", { destroyScheduledDuration: { seconds: 0 } });
    const key = `${ring}/cryptoKeys/due`;
    await client().destroyCryptoKeyVersion({ name: `${key}/cryptoKeyVersions/1` }, once());
    const [{ primary }] = await client().getCryptoKey({ name: key }, once());
    expect(primary).toMatchObject({ state: "DESTROYED", destroyTime: null, destroyEventTime: { seconds: expect.any(String) } });
  });

  test("makes a key without a version when asked to", async () => {
    expect(await createKey("empty", {}, { skipInitialVersionCreation: true })).toMatchObject({ primary: null });
    const name = `${ring}/cryptoKeys/empty`;
    expect((await failureOf(client().encrypt({ name, plaintext: Buffer.from("x") }, once()))).code).toBe(9);
  });

  test("refuses what exists, what does not, and names that are none", async () => {
    const missing = `${location}/keyRings/missing`;
    const failures: readonly (readonly [number, () => Promise<unknown>])[] = [
      [6, () => client().createKeyRing({ parent: location, keyRingId: `ring-${transport}` }, once())],
      [6, () => createKey("key-1")],
      [5, () => client().getKeyRing({ name: missing }, once())],
      [5, () => client().getCryptoKey({ name: `${missing}/cryptoKeys/k` }, once())],
      [5, () => client().getCryptoKey({ name: `${ring}/cryptoKeys/missing` }, once())],
      [5, () => client().getCryptoKeyVersion({ name: `${ring}/cryptoKeys/key-1/cryptoKeyVersions/9` }, once())],
      [5, () => client().updateCryptoKeyPrimaryVersion({ name: `${ring}/cryptoKeys/key-1`, cryptoKeyVersionId: "9" }, once())],
      [3, () => createKey("not a name")],
      [3, () => createKey("")],
      [3, () => createKey("no-purpose", { purpose: "CRYPTO_KEY_PURPOSE_UNSPECIFIED" })],
      [3, () => createKey("wrong", { purpose: "ASYMMETRIC_DECRYPT", versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" } })],
      [3, () => client().listCryptoKeys({ parent: ring, pageToken: "nonsense" }, { ...once(), autoPaginate: false })],
      [3, () => client().updateCryptoKey({ cryptoKey: { name: `${ring}/cryptoKeys/key-1` }, updateMask: { paths: ["purpose"] } }, once())],
    ];
    for (const [code, failing] of failures) expect((await failureOf(failing())).code).toBe(code);
  });
});

test("a method that is not emulated is UNIMPLEMENTED", async () => {
  const name = `${kms.service.admin.createKey()}/cryptoKeyVersions/1`;
  expect((await failureOf(kms.client("gRPC").macSign({ name, data: Buffer.from("x") }, once()))).code).toBe(12);
});

test("the administrator's keys can be named, and rings are made for them", async () => {
  const name = "projects/acme/locations/global/keyRings/new/cryptoKeys/orders";
  expect(kms.service.admin.createKey({ name })).toBe(name);
  expect((await kms.client("gRPC").getCryptoKey({ name }, once()))[0].name).toBe(name);
  expect(() => kms.service.admin.createKey({ name: "orders" })).toThrow(RangeError);
  expect(() => kms.service.admin.createKey({ name: `${name}/cryptoKeyVersions/1` })).toThrow(RangeError);
});

test("a version of a key is disabled alone", async () => {
  const name = kms.service.admin.createKey();
  kms.service.admin.rotateKey(name);
  kms.service.admin.disableKey(name, "1");
  const [versions] = await kms.client("gRPC").listCryptoKeyVersions({ parent: name }, once());
  expect(versions.map(({ state }) => state)).toEqual(["DISABLED", "ENABLED"]);
  kms.service.admin.enableKey(name, "1");
  expect((await kms.client("gRPC").getCryptoKeyVersion({ name: `${name}/cryptoKeyVersions/1` }, once()))[0].state).toBe("ENABLED");
});
