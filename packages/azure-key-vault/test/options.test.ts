import type { KeyClient } from "@azure/keyvault-keys";
import { describe, expect, test } from "vitest";
import { type AzureKeyVaultOptions, azureKeyVault } from "../src/index.ts";

const clientOf = (vaultUrl: unknown) =>
  ({ vaultUrl, getCryptographyClient: () => undefined, getKey: () => undefined }) as unknown as KeyClient;
const client = clientOf("https://acme.vault.azure.net");

describe("the options of azureKeyVault", () => {
  test.each([
    ["https://acme.vault.azure.net", "https://acme.vault.azure.net/keys/orders"],
    ["https://acme.vault.azure.net/", "https://acme.vault.azure.net/keys/orders"],
    ["https://ACME.vault.azure.net:443/", "https://acme.vault.azure.net/keys/orders"],
    ["https://acme.managedhsm.azure.net/", "https://acme.managedhsm.azure.net/keys/orders"],
    ["https://127.0.0.1:8443", "https://127.0.0.1:8443/keys/orders"],
  ])("make of the vault %s the keyRef %s", (vaultUrl, keyRef) => {
    expect(azureKeyVault({ client: clientOf(vaultUrl), keyName: "orders" }).keyRef).toBe(keyRef);
  });

  test.each([
    "",
    "http://acme.vault.azure.net",
    "https://acme.vault.azure.net/keys",
    "https://acme.vault.azure.net/?x",
    "https://u:p@acme.vault.azure.net/",
    undefined,
  ])("refuse the vault URL %s", (vaultUrl) => {
    expect(() => azureKeyVault({ client: clientOf(vaultUrl), keyName: "orders" })).toThrow(TypeError);
  });

  test.each([
    "",
    "a b",
    "orders/",
    `orders/${"0".repeat(32)}`,
    "https://acme.vault.azure.net/keys/orders",
    "../secrets/x",
    "a".repeat(128),
    "ä",
    undefined,
    7,
  ])("refuse the key name %s", (keyName) => {
    expect(() => azureKeyVault({ client, keyName: keyName as string })).toThrow(TypeError);
  });

  test.each(["RSA-OAEP", "RSA1_5", "A128KW", "rsa-oaep-256", "", null])("refuse the algorithm %s", (algorithm) => {
    expect(() => azureKeyVault({ client, keyName: "orders", algorithm: algorithm as "A256KW" })).toThrow(TypeError);
  });

  test("refuse what is not among them", () => {
    const options = { client, keyName: "orders", keyVersion: "0".repeat(32) };
    expect(() => azureKeyVault(options)).toThrow(/unknown option keyVersion/);
    expect(() => azureKeyVault(undefined as unknown as AzureKeyVaultOptions)).toThrow(TypeError);
    expect(() => azureKeyVault({ keyName: "orders" } as AzureKeyVaultOptions)).toThrow(TypeError);
    expect(() => azureKeyVault({ client: {} as KeyClient, keyName: "orders" })).toThrow(TypeError);
  });
});
