import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { type AwsKmsAdmin, type AwsKmsOptions, type Emulator, startAwsKms } from "@letterlock/emulators";
import { afterAll, beforeAll } from "vitest";

export interface Running {
  /** The emulator of this file, from its first test on. */
  readonly aws: Emulator<AwsKmsAdmin>;
  readonly admin: AwsKmsAdmin;
  /** A client that does not retry. */
  client(config?: KMSClientConfig & { readonly accessKeyId?: string }): KMSClient;
}

export function runningAwsKms(options: AwsKmsOptions = {}): Running {
  let started: Emulator<AwsKmsAdmin> | undefined;
  const clients: KMSClient[] = [];
  beforeAll(async () => {
    started = await startAwsKms(options);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await started?.close();
  });
  const aws = (): Emulator<AwsKmsAdmin> => {
    if (started === undefined) throw new Error("not before the first test");
    return started;
  };
  return {
    get aws() {
      return aws();
    },
    get admin() {
      return aws().admin;
    },
    client({ accessKeyId = "alice", ...config } = {}) {
      const client = new KMSClient({
        endpoint: aws().endpoint,
        region: "us-east-1",
        credentials: { accessKeyId, secretAccessKey: "secret" },
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
  };
}
