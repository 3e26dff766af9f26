import { usage } from "../failure.ts";

export interface AwsKmsUri {
  readonly provider: "aws-kms";
  readonly keyArn: string;
  /** The region of the ARN: where the key is asked. */
  readonly region: string;
}

const keyArnPattern = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/[A-Za-z0-9-]+$/;

/** `rest`: what follows "aws-kms://". */
export function parseAwsKmsUri(rest: string): AwsKmsUri {
  const region = keyArnPattern.exec(rest)?.[1];
  if (region !== undefined) return { provider: "aws-kms", keyArn: rest, region };
  if (/(^|:)alias\//.test(rest)) {
    throw usage("aws-kms: an alias can be pointed at another key: write the ARN of the key itself, which `aws kms describe-key` shows");
  }
  throw usage("aws-kms: write aws-kms://ARN, as in aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
}
