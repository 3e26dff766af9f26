import type { AwsKmsUri } from "../keks/aws-kms-uri.ts";
import { type PermissionPolicy, permissionsOf } from "./permission-policy.ts";

/** https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html */
const permissions: PermissionPolicy["permissions"] = {
  wrap: ["kms:Encrypt"],
  generate: ["kms:GenerateDataKey"],
  unwrap: ["kms:Decrypt"],
  rewrap: ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
  currentVersion: ["kms:DescribeKey"],
};

export function awsKmsPolicy({ keyArn }: AwsKmsUri): PermissionPolicy {
  return {
    permissions,
    what: "an IAM policy for the user or role (the key policy must let IAM policies decide)",
    document: (operations) =>
      JSON.stringify(
        {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: permissionsOf({ permissions }, operations), Resource: keyArn }],
        },
        undefined,
        2,
      ),
  };
}
