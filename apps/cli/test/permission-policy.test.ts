import type { KekOperation } from "@letterlock/core";
import { describe, expect, it } from "vitest";
import { permissionsOf } from "../src/doctor/permission-policy.ts";
import { policyOf } from "../src/doctor/policy-of.ts";
import { parseKekUri } from "../src/keks/kek-uri.ts";

// That a Vault policy is enough, and that each permission is the one that an emulator denies, doctor.test.ts proves.
const all: readonly KekOperation[] = ["wrap", "generate", "unwrap", "rewrap", "currentVersion"];
const arn = "arn:aws:kms:eu-west-1:111122223333:key/1234";

function documentOf(uri: string, operations: readonly KekOperation[]): string {
  return policyOf(parseKekUri(uri, "."))?.document(operations) ?? "";
}

describe("the policy that doctor prints", () => {
  it("of AWS allows the actions on the key alone", () => {
    expect(JSON.parse(documentOf(`aws-kms://${arn}`, all))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"],
          Resource: arn,
        },
      ],
    });
  });

  it("of Google binds a role for each", () => {
    const members = ["serviceAccount:NAME@PROJECT.iam.gserviceaccount.com"];
    expect(JSON.parse(documentOf("gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k", ["wrap", "currentVersion"]))).toEqual({
      bindings: [
        { role: "roles/cloudkms.cryptoKeyEncrypter", members },
        { role: "roles/cloudkms.viewer", members },
      ],
    });
  });

  it("of Azure has the words of a vault or those of a Managed HSM", () => {
    const vault = JSON.parse(documentOf("azure-key-vault://acme.vault.azure.net/keys/k", ["wrap", "currentVersion"])) as object;
    expect(vault).toMatchObject({ DataActions: ["Microsoft.KeyVault/vaults/keys/wrap/action", "Microsoft.KeyVault/vaults/keys/read"] });
    const hsm = JSON.parse(documentOf("azure-key-vault://acme.managedhsm.azure.net/keys/k", ["unwrap", "currentVersion"])) as object;
    expect(hsm).toMatchObject({
      dataActions: ["Microsoft.KeyVault/managedHsm/keys/unwrap/action", "Microsoft.KeyVault/managedHsm/keys/read/action"],
    });
  });

  it("of Vault names the paths of the mount", () => {
    expect(documentOf("vault-transit://v.example.com/team/a/transit/k", ["rewrap", "currentVersion"])).toBe(
      'path "team/a/transit/rewrap/k" {\n  capabilities = ["update"]\n}\npath "team/a/transit/keys/k" {\n  capabilities = ["read"]\n}',
    );
  });

  it("is for providers alone, and names a permission once", () => {
    expect(policyOf(parseKekUri("local:dev.key", "."))).toBeUndefined();
    expect(permissionsOf({ permissions: { wrap: ["a", "b"], unwrap: ["b"] } }, ["wrap", "unwrap", "rewrap"])).toEqual(["a", "b"]);
  });
});
