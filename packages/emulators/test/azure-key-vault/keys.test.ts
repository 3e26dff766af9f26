import { generateKeyPairSync } from "node:crypto";
import type { KeyClient } from "@azure/keyvault-keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "../../src/index.ts";
import { keyClient } from "./key-client.ts";

let hsm: AzureKeyVaultEmulator;
let client: KeyClient;

beforeAll(async () => {
  hsm = await startAzureKeyVault({ managedHsm: true });
  client = keyClient(hsm);
});
afterAll(() => hsm.close());

describe("the keys of the vault", () => {
  test("are created, read and named by their version", async () => {
    const created = await client.createRsaKey("created", { keySize: 2048, tags: { team: "a" }, keyOps: ["wrapKey", "unwrapKey"] });
    expect(created.id).toBe(`${hsm.endpoint}/keys/created/${created.properties.version}`);
    expect(created.properties.version).toMatch(/^[0-9a-f]{32}$/);
    expect(created).toMatchObject({
      keyType: "RSA",
      keyOperations: ["wrapKey", "unwrapKey"],
      properties: { enabled: true, tags: { team: "a" } },
    });
    expect(created.key?.n).toHaveLength(256);
    expect(await client.getKey("created")).toEqual(created);
    expect(await client.getKey("created", { version: created.properties.version ?? "" })).toEqual(created);
  });

  test("are made by admin, and named by their keyRef", async () => {
    const keyRef = await hsm.admin.createKey({ name: "by-admin", type: "oct-HSM" });
    expect(keyRef).toBe(`${hsm.endpoint}/keys/by-admin`);
    expect((await client.getKey("by-admin")).keyType).toBe("oct-HSM");
    expect(await hsm.admin.createKey({ type: "oct-HSM" })).not.toBe(await hsm.admin.createKey({ type: "oct-HSM" }));
    const vault = await startAzureKeyVault();
    await expect(vault.admin.createKey({ type: "oct-HSM" })).rejects.toThrow(RangeError);
    await expect(keyClient(vault).createOctKey("x", { hsm: true })).rejects.toMatchObject({ statusCode: 400, code: "BadParameter" });
    await vault.close();
  });

  test("have the sizes of the service", async () => {
    await expect(client.createRsaKey("size", { keySize: 1024 })).rejects.toMatchObject({ statusCode: 400 });
    await expect(client.createEcKey("size")).rejects.toMatchObject({ statusCode: 400 });
    await client.createOctKey("size", { hsm: true, keySize: 128 });
    await expect(client.createOctKey("a_b", { hsm: true })).rejects.toMatchObject({ statusCode: 400 });
  });

  test("can be imported", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = privateKey.export({ format: "jwk" });
    const bytes = (name: keyof typeof jwk) => Buffer.from(String(jwk[name]), "base64url");
    const key = {
      kty: "RSA",
      n: bytes("n"),
      e: bytes("e"),
      d: bytes("d"),
      p: bytes("p"),
      q: bytes("q"),
      dp: bytes("dp"),
      dq: bytes("dq"),
      qi: bytes("qi"),
    } as const;
    const imported = await client.importKey("imported", key);
    expect(Buffer.from(imported.key?.n ?? [])).toEqual(bytes("n"));
    expect(imported.key?.d).toBeUndefined();
    await expect(client.importKey("imported", { kty: "RSA", n: bytes("n"), e: bytes("e") })).rejects.toMatchObject({ statusCode: 400 });
    await client.importKey("imported-oct", { kty: "oct-HSM", k: new Uint8Array(32) });
    await expect(client.importKey("imported-oct", { kty: "oct-HSM", k: new Uint8Array(5) })).rejects.toMatchObject({ statusCode: 400 });
  });

  test("are listed in pages, without versions, and their versions too", async () => {
    const other = await startAzureKeyVault({ managedHsm: true });
    for (let index = 0; index < 28; index += 1) await other.admin.createKey({ name: `key-${index}`, type: "oct-HSM" });
    const names: string[] = [];
    for await (const { name, version } of keyClient(other).listPropertiesOfKeys()) {
      expect(version).toBeUndefined();
      names.push(name);
    }
    expect(names).toHaveLength(28);
    const lists = other.admin.takeRequests().filter(({ operation }) => operation === "list");
    expect(lists).toHaveLength(2);
    for (let index = 0; index < 2; index += 1) await other.admin.rotateKey(`${other.endpoint}/keys/key-1`);
    const sizes: number[] = [];
    for await (const page of keyClient(other).listPropertiesOfKeyVersions("key-1").byPage({ maxPageSize: 2 })) sizes.push(page.length);
    expect(sizes).toEqual([2, 1]);
    await other.close();
  });

  test("are rotated, and keep their versions", async () => {
    const first = await client.createOctKey("rotated", { hsm: true, tags: { team: "a" } });
    const second = await client.rotateKey("rotated");
    expect(second.properties.version).not.toBe(first.properties.version);
    expect(second).toMatchObject({ keyType: "oct-HSM", keyOperations: first.keyOperations, properties: { tags: { team: "a" } } });
    expect((await client.getKey("rotated")).id).toBe(second.id);
    expect((await client.getKey("rotated", { version: first.properties.version ?? "" })).id).toBe(first.id);
    expect(await hsm.admin.rotateKey(`${hsm.endpoint}/keys/rotated`)).toBe((await client.getKey("rotated")).properties.version);
    expect((await client.createOctKey("rotated", { hsm: true })).id).not.toBe(second.id);
  });

  test("have attributes that can be changed, one version at a time", async () => {
    const first = await client.createOctKey("changed", { hsm: true });
    await client.rotateKey("changed");
    const expiresOn = new Date("2037-01-01T00:00:00Z");
    const changed = await client.updateKeyProperties("changed", first.properties.version ?? "", {
      enabled: false,
      expiresOn,
      keyOps: ["encrypt"],
    });
    expect(changed).toMatchObject({ id: first.id, keyOperations: ["encrypt"], properties: { enabled: false, expiresOn } });
    expect((await client.getKey("changed")).properties.enabled).toBe(true);
    hsm.admin.disableKey(`${hsm.endpoint}/keys/changed`);
    expect((await client.getKey("changed")).properties.enabled).toBe(false);
    hsm.admin.enableKey(`${hsm.endpoint}/keys/changed`, first.properties.version ?? "");
    expect((await client.getKey("changed")).properties.enabled).toBe(false);
    expect((await client.getKey("changed", { version: first.properties.version ?? "" })).properties.enabled).toBe(true);
  });

  test("have a rotation policy", async () => {
    await client.createOctKey("policy", { hsm: true });
    expect(await client.getKeyRotationPolicy("policy")).toMatchObject({
      id: `${hsm.endpoint}/keys/policy/rotationpolicy`,
      lifetimeActions: [],
    });
    const policy = { expiresIn: "P90D", lifetimeActions: [{ action: "Rotate", timeBeforeExpiry: "P30D" }] } as const;
    await client.updateKeyRotationPolicy("policy", { ...policy, lifetimeActions: [...policy.lifetimeActions] });
    expect(await client.getKeyRotationPolicy("policy")).toMatchObject(policy);
  });

  test("are deleted, recovered and purged", async () => {
    const created = await client.createOctKey("deleted", { hsm: true });
    const deleting = await client.beginDeleteKey("deleted", { intervalInMs: 1 });
    expect((await deleting.pollUntilDone()).properties.recoveryId).toBe(`${hsm.endpoint}/deletedkeys/deleted`);
    await expect(client.getKey("deleted")).rejects.toMatchObject({ statusCode: 404, code: "KeyNotFound" });
    await expect(client.createOctKey("deleted", { hsm: true })).rejects.toMatchObject({ statusCode: 409, code: "Conflict" });
    const names: string[] = [];
    for await (const { name } of client.listDeletedKeys()) names.push(name);
    expect(names).toEqual(["deleted"]);
    const recovering = await client.beginRecoverDeletedKey("deleted", { intervalInMs: 1 });
    expect((await recovering.pollUntilDone()).id).toBe(created.id);
    hsm.admin.deleteKey(`${hsm.endpoint}/keys/deleted`);
    await client.purgeDeletedKey("deleted");
    await expect(client.getDeletedKey("deleted")).rejects.toMatchObject({ statusCode: 404 });
    expect((await client.createOctKey("deleted", { hsm: true })).id).not.toBe(created.id);
  });

  test.each(["getKey", "rotateKey", "getDeletedKey", "purgeDeletedKey", "beginDeleteKey", "getKeyRotationPolicy"] as const)(
    "are KeyNotFound where there is none: %s",
    async (member) => {
      await expect(client[member]("missing")).rejects.toMatchObject({ statusCode: 404, code: "KeyNotFound" });
    },
  );
});
