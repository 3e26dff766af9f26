import type { KekUri } from "../keks/kek-uri.ts";
import { awsKmsPolicy } from "./aws-kms-policy.ts";
import { azureKeyVaultPolicy } from "./azure-key-vault-policy.ts";
import { gcpKmsPolicy } from "./gcp-kms-policy.ts";
import type { PermissionPolicy } from "./permission-policy.ts";
import { vaultTransitPolicy } from "./vault-transit-policy.ts";

/** Undefined for KEKs that no provider guards. */
export function policyOf(uri: KekUri): PermissionPolicy | undefined {
  switch (uri.provider) {
    case "aws-kms":
      return awsKmsPolicy(uri);
    case "gcp-kms":
      return gcpKmsPolicy(uri);
    case "azure-key-vault":
      return azureKeyVaultPolicy(uri);
    case "vault-transit":
      return vaultTransitPolicy(uri);
    default:
      return undefined;
  }
}
