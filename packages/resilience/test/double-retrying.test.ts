import { KMSClient } from "@aws-sdk/client-kms";
import { KeyClient, type KeyClientOptions } from "@azure/keyvault-keys";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { awsKms } from "@letterlock/aws-kms";
import { azureKeyVault } from "@letterlock/azure-key-vault";
import type { Kek } from "@letterlock/core";
import { type EmulatorAdmin, startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { gcpKms } from "@letterlock/gcp-kms";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, describe, expect, test } from "vitest";
import { retrying } from "../src/index.ts";
import { kekCall } from "./support/scripted-kek.ts";

// What the README says about the retries of each SDK, counted by its emulator.

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const aws = running.use(await startAwsKms());
const keyArn = await aws.admin.createKey();
const awsClient = (options: { readonly maxAttempts?: number }): Kek => {
  const credentials = { accessKeyId: "alice", secretAccessKey: "secret" };
  const client = new KMSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials, ...options });
  running.defer(() => client.destroy());
  return awsKms({ client, keyArn });
};

const azure = running.use(await startAzureKeyVault());
await azure.admin.createKey({ name: "orders" });
const azureClient = (options: KeyClientOptions): Kek => {
  const credential = { getToken: async () => ({ token: "anybody", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const tls = { disableChallengeResourceVerification: true, tlsOptions: { ca: azure.certificate } };
  return azureKeyVault({ client: new KeyClient(azure.endpoint, credential, { ...tls, ...options }), keyName: "orders" });
};

const gcp = running.use(await startGcpKms());
const gcpClient = new KeyManagementServiceClient(gcp.clientOptions);
running.defer(() => gcpClient.close());
const gcpKek = gcpKms({ client: gcpClient, keyName: await gcp.admin.createKey() });

const vault = running.use(await startVaultTransit());
const vaultKey = vault.admin.createKey();
const ownClient = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
running.use(ownClient);
const vaultKek = vaultTransit({ client: ownClient, keyName: vaultKey.slice("transit/".length) });

describe.each<{ name: string; kek: Kek; admin: EmulatorAdmin; requests: number }>([
  { name: "AWS, with maxAttempts: 1", kek: awsClient({ maxAttempts: 1 }), admin: aws.admin, requests: 1 },
  { name: "AWS, left alone", kek: awsClient({}), admin: aws.admin, requests: 3 },
  { name: "Azure, with maxRetries: 0", kek: azureClient({ retryOptions: { maxRetries: 0 } }), admin: azure.admin, requests: 1 },
  { name: "Azure, left alone", kek: azureClient({ retryOptions: { retryDelayInMs: 1 } }), admin: azure.admin, requests: 4 },
  { name: "Google, left alone", kek: gcpKek, admin: gcp.admin, requests: 1 },
  { name: "Vault, left alone", kek: vaultKek, admin: vault.admin, requests: 1 },
])("$name", ({ kek, admin, requests }) => {
  test(`makes ${requests} for each attempt`, { timeout: 60_000 }, async () => {
    // The look at a Vault key and Azure's challenge come before the first.
    await kek.wrap(new Uint8Array(32), kekCall());
    admin.takeRequests();
    admin.fail({ as: "unavailable", times: Infinity });
    const error: unknown = await retrying(kek, { attempts: 2 })
      .wrap(new Uint8Array(32), kekCall())
      .catch((thrown: unknown) => thrown);
    admin.clearFaults();
    expect(kek.errorCode(error)).toBe("unavailable");
    expect(admin.takeRequests()).toHaveLength(2 * requests);
  });
});
