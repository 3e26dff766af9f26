import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { KeyVaultKey } from "@azure/keyvault-keys";
import { open, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { azureKeyVault, azurePublicKey } from "../src/index.ts";
import { keyClient } from "./key-client.ts";

let vault: AzureKeyVaultEmulator;
let keyUrl: string;
let key: KeyVaultKey;
let version: string;
let publicKey: KeyObject;
const plaintext = Buffer.from("attack at dawn");

beforeAll(async () => {
  vault = await startAzureKeyVault();
  keyUrl = await vault.admin.createKey({ name: "orders" });
  key = await keyClient(vault).getKey("orders");
  version = key.properties.version ?? "";
  const { n, e } = key.key ?? {};
  publicKey = createPublicKey({ key: { kty: "RSA", n: base64url(n), e: base64url(e) }, format: "jwk" });
});
afterAll(() => vault.close());

describe("a public key of Azure Key Vault", () => {
  test.each([
    ["a KeyObject", () => publicKey],
    ["PEM", () => publicKey.export({ type: "spki", format: "pem" }).toString()],
    ["PEM of PKCS #1", () => publicKey.export({ type: "pkcs1", format: "pem" }).toString()],
    ["a JWK", () => publicKey.export({ format: "jwk" })],
    ["what the SDK gives", () => key.key ?? {}],
    ["what the SDK gives of an HSM key", () => ({ ...key.key, kty: "RSA-HSM" as const })],
  ])("wraps offline what the service unwraps: %s", async (_, given) => {
    vault.admin.takeRequests();
    const envelope = await seal(plaintext, [azurePublicKey({ publicKey: given(), keyUrl, version })]);
    expect(vault.admin.takeRequests()).toEqual([]);
    await vault.admin.rotateKey(keyUrl);
    const kek = azureKeyVault({ client: keyClient(vault), keyName: "orders" });
    expect(Buffer.from(await open(envelope, [kek]))).toEqual(plaintext);
  });

  test("only wraps, and anybody could have", async () => {
    const kek = azurePublicKey({ publicKey, keyUrl, version });
    expect(kek).toMatchObject({ provider: "azure-key-vault", keyRef: keyUrl, bindsContext: false, authenticatesWrap: false });
    expect(Object.isFrozen(kek)).toBe(true);
    expect(kek).not.toHaveProperty("unwrap");
    const envelope = await seal(plaintext, [kek]);
    const opener = azureKeyVault({ client: keyClient(vault), keyName: "orders" });
    vault.admin.takeRequests();
    await expect(open(envelope, [opener], { requireAuthenticatedWrap: true })).rejects.toMatchObject({ code: "no-matching-kek" });
    expect(vault.admin.takeRequests()).toEqual([]);
  });

  test("spells the host in lower case", () => {
    const kek = azurePublicKey({ publicKey, keyUrl: "https://Acme.Vault.Azure.net/keys/Orders", version });
    expect(kek.keyRef).toBe("https://acme.vault.azure.net/keys/Orders");
  });

  test("refuses what is no public RSA key of a size that the service has", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const wrong: unknown[] = [
      rsa.publicKey,
      rsa.privateKey,
      rsa.privateKey.export({ type: "pkcs8", format: "pem" }),
      rsa.privateKey.export({ format: "jwk" }),
      ec.publicKey,
      ec.publicKey.export({ format: "jwk" }),
      "",
      "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----",
      {},
      null,
      undefined,
      7,
    ];
    for (const given of wrong) expect(() => azurePublicKey({ publicKey: given as string, keyUrl, version })).toThrow(TypeError);
    const good = { publicKey, keyUrl, version };
    const jwkWithPrivatePart = { ...publicKey.export({ format: "jwk" }), d: "AA" };
    expect(() => azurePublicKey({ ...good, publicKey: jwkWithPrivatePart })).toThrow(TypeError);
  });

  test.each([
    ["keyUrl", "orders"],
    ["keyUrl", "https://acme.vault.azure.net/keys/orders/"],
    ["keyUrl", "https://acme.vault.azure.net/secrets/orders"],
    ["keyUrl", `https://acme.vault.azure.net/keys/orders/${"0".repeat(32)}`],
    ["keyUrl", "http://acme.vault.azure.net/keys/orders"],
    ["keyUrl", "https://user@acme.vault.azure.net/keys/orders"],
    ["keyUrl", "https://acme.vault.azure.net/keys/orders?x"],
    ["version", ""],
    ["version", "latest"],
    ["version", undefined],
    ["keyId", "unknown"],
  ])("refuses %s %s", (name, value) => {
    const good = { publicKey, keyUrl, version };
    expect(() => azurePublicKey({ ...good, [name]: value } as typeof good)).toThrow(TypeError);
  });
});

function base64url(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("base64url");
}
