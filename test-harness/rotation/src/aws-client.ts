import { KMSClient } from "@aws-sdk/client-kms";

/** Without the SDK's retries. A server for tests takes the account from the access key id, where that is 12 digits. */
export function awsClient(endpoint: string, region: string, started: AsyncDisposableStack, accessKeyId = "test"): KMSClient {
  const client = new KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey: "test" }, maxAttempts: 1 });
  started.defer(() => client.destroy());
  return client;
}
