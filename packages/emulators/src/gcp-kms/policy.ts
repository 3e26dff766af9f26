import { errorInfo, Refusal } from "./status.ts";

/** Who may not do what; what is left out means any. */
export interface Denial {
  /** The bearer token of the request. */
  readonly credential?: string | undefined;
  /** "Encrypt", in any case. */
  readonly operation?: string | undefined;
  /** ".../cryptoKeys/NAME" */
  readonly key?: string | undefined;
}

export interface Policy {
  deny(denial: Denial): void;
  allowAll(): void;
  /** Refuses a request that something denies. */
  check(request: { readonly operation: string; readonly key: string | undefined; readonly credential: string | undefined }): void;
}

export function createPolicy(): Policy {
  let denials: Denial[] = [];
  return {
    deny(denial) {
      denials.push({ ...denial });
    },
    allowAll() {
      denials = [];
    },
    check({ operation, key, credential }) {
      const denied = denials.some(
        (denial) =>
          (denial.credential === undefined || denial.credential === credential) &&
          (denial.operation === undefined || denial.operation.toLowerCase() === operation.toLowerCase()) &&
          (denial.key === undefined || denial.key === key),
      );
      if (denied) throw refusal(permissions[operation] ?? "cloudkms.cryptoKeys.get", key ?? "");
    },
  };
}

/** The permission of each operation, as Google's page of permissions and roles lists them. */
const permissions: Readonly<Record<string, string>> = {
  ListKeyRings: "cloudkms.keyRings.list",
  ListCryptoKeys: "cloudkms.cryptoKeys.list",
  ListCryptoKeyVersions: "cloudkms.cryptoKeyVersions.list",
  GetKeyRing: "cloudkms.keyRings.get",
  GetCryptoKey: "cloudkms.cryptoKeys.get",
  GetCryptoKeyVersion: "cloudkms.cryptoKeyVersions.get",
  GetPublicKey: "cloudkms.cryptoKeyVersions.viewPublicKey",
  CreateKeyRing: "cloudkms.keyRings.create",
  CreateCryptoKey: "cloudkms.cryptoKeys.create",
  CreateCryptoKeyVersion: "cloudkms.cryptoKeyVersions.create",
  UpdateCryptoKey: "cloudkms.cryptoKeys.update",
  UpdateCryptoKeyVersion: "cloudkms.cryptoKeyVersions.update",
  UpdateCryptoKeyPrimaryVersion: "cloudkms.cryptoKeys.update",
  DestroyCryptoKeyVersion: "cloudkms.cryptoKeyVersions.destroy",
  RestoreCryptoKeyVersion: "cloudkms.cryptoKeyVersions.restore",
  Encrypt: "cloudkms.cryptoKeyVersions.useToEncrypt",
  Decrypt: "cloudkms.cryptoKeyVersions.useToDecrypt",
  AsymmetricDecrypt: "cloudkms.cryptoKeyVersions.useToDecrypt",
  GenerateRandomBytes: "cloudkms.locations.generateRandomBytes",
};

function refusal(permission: string, resource: string): Refusal {
  const text = `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`;
  return new Refusal("PERMISSION_DENIED", text, [errorInfo("IAM_PERMISSION_DENIED", "cloudkms.googleapis.com", { permission, resource })]);
}
