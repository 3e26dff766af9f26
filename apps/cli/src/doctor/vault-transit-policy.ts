import type { KekOperation } from "@letterlock/core";
import type { VaultTransitUri } from "../keks/vault-transit-uri.ts";
import type { PermissionPolicy } from "./permission-policy.ts";

export function vaultTransitPolicy({ mount, keyName }: VaultTransitUri): PermissionPolicy {
  const paths: Readonly<Record<KekOperation, readonly [path: string, capability: string]>> = {
    wrap: [`${mount}/encrypt/${keyName}`, "update"],
    generate: [`${mount}/datakey/plaintext/${keyName}`, "update"],
    unwrap: [`${mount}/decrypt/${keyName}`, "update"],
    rewrap: [`${mount}/rewrap/${keyName}`, "update"],
    currentVersion: [`${mount}/keys/${keyName}`, "read"],
  };
  const named = (operation: KekOperation): readonly [KekOperation, readonly string[]] => {
    const [path, capability] = paths[operation];
    return [operation, [`${capability} on ${path}`]];
  };
  return {
    permissions: Object.fromEntries((Object.keys(paths) as KekOperation[]).map(named)),
    // With "create", an encryption under a name that is mistyped would make that key.
    what: 'a policy for the token; never "create", which would make a key that does not exist',
    document: (operations) =>
      operations
        .map((operation) => {
          const [path, capability] = paths[operation];
          return `path "${path}" {\n  capabilities = ["${capability}"]\n}`;
        })
        .join("\n"),
  };
}
