import type { KekOperation } from "@letterlock/core";
import type { GcpKmsUri } from "../keks/gcp-kms-uri.ts";
import type { PermissionPolicy } from "./permission-policy.ts";

/** https://cloud.google.com/kms/docs/reference/permissions-and-roles: the smallest predefined role that has each. */
const roles: Readonly<Partial<Record<KekOperation, string>>> = {
  wrap: "roles/cloudkms.cryptoKeyEncrypter",
  unwrap: "roles/cloudkms.cryptoKeyDecrypter",
  currentVersion: "roles/cloudkms.viewer",
};

export function gcpKmsPolicy({ keyName }: GcpKmsUri): PermissionPolicy {
  return {
    permissions: {
      wrap: ["cloudkms.cryptoKeyVersions.useToEncrypt"],
      unwrap: ["cloudkms.cryptoKeyVersions.useToDecrypt"],
      currentVersion: ["cloudkms.cryptoKeys.get"],
    },
    what: `bindings to add to the IAM policy of the key (\`gcloud kms keys get-iam-policy ${keyName}\` shows it)`,
    document: (operations) =>
      JSON.stringify(
        {
          bindings: operations.flatMap((operation) => {
            const role = roles[operation];
            return role === undefined ? [] : [{ role, members: ["serviceAccount:NAME@PROJECT.iam.gserviceaccount.com"] }];
          }),
        },
        undefined,
        2,
      ),
  };
}
