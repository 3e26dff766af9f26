import type { AzureKeyVaultUri } from "../keks/azure-key-vault-uri.ts";
import { type PermissionPolicy, permissionsOf } from "./permission-policy.ts";

/** A Managed HSM has roles of its own, with other words and in another form. */
export function azureKeyVaultPolicy({ vaultUrl, keyName }: AzureKeyVaultUri): PermissionPolicy {
  return new URL(vaultUrl).hostname.includes(".managedhsm.") ? ofManagedHsm(keyName) : ofVault(keyName);
}

/** https://learn.microsoft.com/azure/role-based-access-control/permissions/security */
function ofVault(keyName: string): PermissionPolicy {
  const keys = "Microsoft.KeyVault/vaults/keys";
  const permissions = { wrap: [`${keys}/wrap/action`], unwrap: [`${keys}/unwrap/action`], currentVersion: [`${keys}/read`] };
  return {
    permissions,
    what: "a role to assign at the key (where access policies are used instead: the key permissions wrapKey, unwrapKey, get)",
    document: (operations) =>
      indented({
        Name: `Letterlock ${keyName}`,
        Description: `What Letterlock needs of the key ${keyName}`,
        Actions: [],
        DataActions: permissionsOf({ permissions }, operations),
        AssignableScopes: ["/subscriptions/SUBSCRIPTION"],
      }),
  };
}

/** https://learn.microsoft.com/azure/key-vault/managed-hsm/built-in-roles */
function ofManagedHsm(keyName: string): PermissionPolicy {
  const keys = "Microsoft.KeyVault/managedHsm/keys";
  const permissions = { wrap: [`${keys}/wrap/action`], unwrap: [`${keys}/unwrap/action`], currentVersion: [`${keys}/read/action`] };
  return {
    permissions,
    what: "a role for `az keyvault role definition create`, to assign at the key",
    document: (operations) =>
      indented({
        roleName: `Letterlock ${keyName}`,
        description: `What Letterlock needs of the key ${keyName}`,
        actions: [],
        notActions: [],
        dataActions: permissionsOf({ permissions }, operations),
        notDataActions: [],
      }),
  };
}

function indented(document: object): string {
  return JSON.stringify(document, undefined, 2);
}
