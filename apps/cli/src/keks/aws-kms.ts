import type { AwsKmsUri } from "./aws-kms-uri.ts";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import { withDeadlines } from "./with-deadlines.ts";

/** Credentials and AWS_ENDPOINT_URL_KMS are the SDK's own business. */
export async function awsKmsSource({ keyArn, region }: AwsKmsUri, { sdkAttempts }: SourceOptions): Promise<KekSource> {
  const [{ awsKms }, { KMSClient }] = await Promise.all([import("@letterlock/aws-kms"), import("@aws-sdk/client-kms")]);
  const client = new KMSClient({ region, ...(sdkAttempts !== undefined && { maxAttempts: sdkAttempts }) });
  return {
    create: () => withDeadlines(awsKms({ client, keyArn })),
    close: async () => client.destroy(),
  };
}
