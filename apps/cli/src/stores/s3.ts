import { S3Client } from "@aws-sdk/client-s3";
import { s3Store } from "@letterlock/migrate/s3";
import { explainAws } from "../drivers/aws-errors.ts";
import { awsTimeLimits } from "../drivers/aws-time-limits.ts";
import type { Explanation } from "../drivers/explanation.ts";
import { checkEndpoint } from "./aws-endpoint.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { S3Entry } from "./store-entry.ts";

/** The service copies up to 5 GB within one request. */
const requestDeadlineMs = 600_000;

/** Credentials, and the region where the configuration does not say it, are the SDK's own business. */
export function openS3(name: string, { bucket, prefix, pageKeys, region, endpoint, forcePathStyle }: S3Entry): ConnectedStore {
  checkEndpoint(name, endpoint);
  const client = new S3Client({
    requestHandler: awsTimeLimits(requestDeadlineMs),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  });
  return {
    store: s3Store({ client, bucket, prefix, pageKeys }),
    place: `s3://${bucket}/${prefix ?? ""}`,
    explain: explainS3,
    close: async () => client.destroy(),
  };
}

function explainS3(error: unknown): Explanation {
  const { name } = error as { readonly name?: unknown };
  switch (name) {
    case "NoSuchBucket":
      return { code: "wrong-usage", advice: "there is no such bucket: name another" };
    case "AccessDenied":
      return { code: "access-denied", advice: "the credentials of AWS need s3:ListBucket, s3:GetObject and s3:PutObject" };
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
      return { code: "wrong-usage", advice: 'the bucket is in another region: write that as "region"' };
    case "InvalidBucketName":
      return { code: "wrong-usage", advice: "no bucket can have this name" };
    default:
      return explainAws(error, 'write "region"');
  }
}
