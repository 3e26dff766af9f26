import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";

export interface AwsClients {
  /** `accessKeyId` is who asks; "alice" by default. */
  client(config?: KMSClientConfig & { readonly accessKeyId?: string }): KMSClient;
  destroy(): void;
}

/** Clients of an emulator that do not retry. */
export function awsClients(aws: { readonly endpoint: string }): AwsClients {
  const clients: KMSClient[] = [];
  return {
    client({ accessKeyId = "alice", ...config } = {}) {
      const client = new KMSClient({
        endpoint: aws.endpoint,
        region: "us-east-1",
        credentials: { accessKeyId, secretAccessKey: "secret" },
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
    destroy() {
      for (const client of clients) client.destroy();
    },
  };
}
