import { randomBytes } from "node:crypto";
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { KeyClient } from "@azure/keyvault-keys";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { awsKms } from "@letterlock/aws-kms";
import { azureKeyVault } from "@letterlock/azure-key-vault";
import type { Kek, KekCall } from "@letterlock/core";
import { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { gcpKms } from "@letterlock/gcp-kms";
import { vaultTransit } from "@letterlock/vault-transit";
import nodeVault from "node-vault";

/** An adapter on its emulator in this process, and the same two calls as its SDK makes them, with the same client. */
export interface AdapterSubject extends AsyncDisposable {
  readonly name: string;
  readonly kek: Kek;
  /** Requests since the last call of this. */
  requests(): number;
  bareWrap(dataKey: Uint8Array, call: KekCall): Promise<Uint8Array>;
  bareUnwrap(wrapped: Uint8Array, call: KekCall): Promise<unknown>;
}

/** One at a time, so that no other emulator weighs on the measurement. */
export const adapterSubjects: readonly (() => Promise<AdapterSubject>)[] = [awsSubject, gcpSubject, azureSubject, vaultSubject];

async function awsSubject(): Promise<AdapterSubject> {
  const service = await startAwsKms();
  const client = new KMSClient({
    endpoint: service.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    maxAttempts: 1,
  });
  const KeyId = await service.admin.createKey();
  return {
    name: "AWS KMS",
    kek: awsKms({ client, keyArn: KeyId }),
    requests: () => service.admin.takeRequests().length,
    async bareWrap(Plaintext, { encryptionContext }) {
      const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { ...encryptionContext } }));
      return CiphertextBlob ?? new Uint8Array();
    },
    bareUnwrap: (CiphertextBlob, { encryptionContext }) =>
      client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: { ...encryptionContext } })),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await service.close();
    },
  };
}

async function gcpSubject(): Promise<AdapterSubject> {
  const service = await startGcpKms();
  const client = new KeyManagementServiceClient(service.clientOptions);
  const name = service.admin.createKey();
  return {
    name: "Google Cloud KMS",
    kek: gcpKms({ client, keyName: name }),
    requests: () => service.admin.takeRequests().length,
    async bareWrap(plaintext, { associatedData }) {
      const [{ ciphertext }] = await client.encrypt({ name, plaintext, additionalAuthenticatedData: associatedData });
      return ciphertext as Uint8Array;
    },
    bareUnwrap: (ciphertext, { associatedData }) => client.decrypt({ name, ciphertext, additionalAuthenticatedData: associatedData }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await service.close();
    },
  };
}

async function azureSubject(): Promise<AdapterSubject> {
  const service = await startAzureKeyVault();
  const credential = { getToken: async () => ({ token: "bench", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const client = new KeyClient(service.endpoint, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: service.certificate },
    retryOptions: { maxRetries: 0 },
  });
  const keyName = "bench";
  await service.admin.createKey({ name: keyName });
  const bare = client.getCryptographyClient(keyName);
  return {
    name: "Azure Key Vault",
    kek: azureKeyVault({ client, keyName }),
    requests: () => service.admin.takeRequests().filter(({ operation }) => operation !== "challenge").length,
    bareWrap: async (dataKey) => (await bare.wrapKey("RSA-OAEP-256", dataKey)).result,
    bareUnwrap: (wrapped) => bare.unwrapKey("RSA-OAEP-256", wrapped),
    [Symbol.asyncDispose]: service.close,
  };
}

/** With node-vault, the SDK that people have. */
async function vaultSubject(): Promise<AdapterSubject> {
  const service = await startVaultTransit();
  const client = nodeVault({ endpoint: service.endpoint, token: service.rootToken });
  await client.write("transit/keys/bench", {});
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return {
    name: "Vault Transit",
    kek: vaultTransit({ client, keyName: "bench" }),
    requests: () => service.admin.takeRequests().length,
    async bareWrap(dataKey, { associatedData }) {
      const answer = await client.write("transit/encrypt/bench", { plaintext: base64(dataKey), associated_data: base64(associatedData) });
      return Buffer.from((answer as { data: { ciphertext: string } }).data.ciphertext);
    },
    bareUnwrap: (wrapped, { associatedData }) =>
      client.write("transit/decrypt/bench", { ciphertext: Buffer.from(wrapped).toString(), associated_data: base64(associatedData) }),
    [Symbol.asyncDispose]: service.close,
  };
}

/** A call as core makes it for a context of two pairs. */
export function benchCall(): KekCall {
  return {
    associatedData: new Uint8Array(randomBytes(90)),
    encryptionContext: { letterlock: "1/1/1", tenant: "acme", table: "users" },
    suite: "aes-256-gcm",
    usage: "data",
    depth: 1,
    signal: new AbortController().signal,
  };
}
