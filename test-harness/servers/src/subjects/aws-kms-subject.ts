import { randomBytes } from "node:crypto";
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import type { KekRequest, KekSubject, KeyName } from "@letterlock/conformance";
import type { Front, FrontRequest } from "./front.ts";

const region = "eu-west-1";
const account = "000000000000";

interface Clients {
  /** Reaches the server through the front. */
  readonly client: KMSClient;
  readonly hanging: KMSClient;
  readonly timingOut: KMSClient;
  /** Where nobody listens. */
  readonly refused: KMSClient;
}

/** `awsKms` against a server that speaks the protocol of AWS KMS. `servers` of that kind differ in what they refuse; the members are the same. */
export async function awsKmsSubject(front: Front): Promise<KekSubject & Disposable> {
  const clients: Clients = {
    client: clientOf(front.endpoint),
    hanging: clientOf(front.silentEndpoint),
    timingOut: clientOf(front.silentEndpoint, 100),
    // Port 1 is nobody's.
    refused: clientOf("http://127.0.0.1:1"),
  };
  const { client } = clients;
  const keys: Readonly<Record<KeyName, string>> = { a: await newKey(client), b: await newKey(client) };
  return {
    create: (key) => awsKms({ client, keyArn: keys[key] }),
    rotate: () => client.send(new RotateKeyOnDemandCommand({ KeyId: idOf(keys.a) })),
    disable: () => client.send(new DisableKeyCommand({ KeyId: idOf(keys.a) })),
    enable: () => client.send(new EnableKeyCommand({ KeyId: idOf(keys.a) })),
    faults: {
      "kek-not-found": () => awsKms({ client, keyArn: arnOf("00000000-0000-4000-8000-000000000000") }),
      unavailable: () => awsKms({ client: clients.refused, keyArn: keys.a }),
    },
    hanging: () => awsKms({ client: clients.hanging, keyArn: keys.a }),
    timingOut: () => awsKms({ client: clients.timingOut, keyArn: keys.a }),
    requests: () => front.takeRequests().map(understand),
    foreignCiphertexts: async () => [
      await encrypt(client, keys.a),
      await encrypt(client, keys.a, { tenant: "acme" }),
      await encrypt(client, keys.b),
    ],
    keyRefs: { same: [], other: [keys.b, arnOf("alias/a"), keys.a.replace(region, "us-east-1"), `${keys.a}0`] },
    [Symbol.dispose]() {
      for (const one of Object.values(clients)) (one as KMSClient).destroy();
    },
  };
}

function clientOf(endpoint: string, requestTimeout = 0): KMSClient {
  return new KMSClient({
    endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  });
}

async function newKey(client: KMSClient): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  if (KeyMetadata?.Arn === undefined) throw new Error("the server made a key and does not name it");
  return KeyMetadata.Arn;
}

/** 32 bytes that another application of the same account encrypted. */
async function encrypt(client: KMSClient, KeyId: string, EncryptionContext?: Record<string, string>): Promise<Uint8Array> {
  const command = new EncryptCommand({ KeyId, Plaintext: randomBytes(32), ...(EncryptionContext && { EncryptionContext }) });
  const { CiphertextBlob } = await client.send(command);
  if (CiphertextBlob === undefined) throw new Error("the server encrypted and gave no ciphertext");
  return CiphertextBlob;
}

/** moto fails with 500 where some of these operations name a key by its ARN. */
function idOf(keyArn: string): string {
  return keyArn.slice(keyArn.lastIndexOf("/") + 1);
}

function arnOf(resource: string): string {
  return `arn:aws:kms:${region}:${account}:${resource.includes("/") ? resource : `key/${resource}`}`;
}

/** ReEncrypt names two keys, which are the same one. */
function understand({ headers, body }: FrontRequest): KekRequest {
  const { KeyId, SourceKeyId, DestinationKeyId } = JSON.parse(body) as Readonly<Record<string, string | undefined>>;
  const key = KeyId ?? (SourceKeyId === DestinationKeyId ? SourceKeyId : undefined);
  return { operation: String(headers["x-amz-target"]).replace("TrentService.", ""), key };
}
