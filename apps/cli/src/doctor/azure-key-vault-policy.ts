import type { AzureKeyVaultUri } from "../keks/azure-key-vault-uri.ts";
import { type PermissionPolicy, permissionsOf } from "./permission-policy.ts";

export function azureKeyVaultPolicy({ vaultUrl, keyName }: AzureKeyVaultUri): PermissionPolicy {
  const hsm = new URL(vaultUrl).hostname.includes(".managedhsm.");
  const keys = hsm ? "Microsoft.KeyVault/managedHsm/keys" : "Microsoft.KeyVault/vaults/keys";
  // https://learn.microsoft.com/azure/role-based-access-control/permissions/security, and for Managed HSM its page of built-in roles.
  const permissions = {
    wrap: [`${keys}/wrap/action`],
    unwrap: [`${keys}/unwrap/action`],
    currentVersion: [hsm ? `${keys}/read/action` : `${keys}/read`],
  };
  return {
    permissions,
    what: "a custom role to assign (with access policies instead of roles: the key permissions wrapKey, unwrapKey, get)",
    document: (operations) =>
      JSON.stringify(
        {
          Name: `letterlock ${keyName}`,
          IsCustom: true,
          Description: `What letterlock needs of the key ${keyName}.`,
          Actions: [],
          DataActions: permissionsOf({ permissions }, operations),
          AssignableScopes: ["/subscriptions/SUBSCRIPTION"],
        },
        undefined,
        2,
      ),
  };
}
