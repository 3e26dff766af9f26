import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { startAdminServer } from "./admin-server.ts";

interface RunningEmulators extends AsyncDisposable {
  /** Environment variables for a program that talks to them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The services that something asked since the last call. */
  reached(): string[];
}

/** The four emulators, and a way in for programs that want faults and denials. */
export async function startEmulators(): Promise<RunningEmulators> {
  await using started = new AsyncDisposableStack();
  const aws = started.use(await startAwsKms());
  const azure = started.use(await startAzureKeyVault());
  const hsm = started.use(await startAzureKeyVault({ managedHsm: true }));
  const gcp = started.use(await startGcpKms());
  const vault = started.use(await startVaultTransit());
  const admins = { "aws-kms": aws.admin, "azure-key-vault": azure.admin, "gcp-kms": gcp.admin, "vault-transit": vault.admin };
  const admin = started.use(await startAdminServer(admins));
  const folder = started.adopt(mkdtempSync(join(tmpdir(), "letterlock-clients-")), (path) => rmSync(path, { recursive: true }));
  const certificatesFile = join(folder, "certificates.pem");
  writeFileSync(certificatesFile, azure.certificate + hsm.certificate);
  const running = started.move();
  return {
    settings: {
      EMULATOR_ADMIN: admin.url,
      EMULATOR_AWS_KMS: aws.endpoint,
      EMULATOR_AZURE_KEY_VAULT: azure.endpoint,
      EMULATOR_AZURE_KEY_VAULT_CERTIFICATE: azure.certificate,
      EMULATOR_AZURE_KEY_VAULT_TENANT: azure.tenantId,
      EMULATOR_AZURE_KEY_VAULT_TOKEN: "gocloud",
      EMULATOR_AZURE_MANAGED_HSM: hsm.endpoint,
      EMULATOR_CERTIFICATES_FILE: certificatesFile,
      EMULATOR_GCP_KMS_GRPC: gcp.endpoint,
      EMULATOR_GCP_KMS_REST: gcp.restEndpoint,
      EMULATOR_VAULT_TRANSIT: vault.endpoint,
      EMULATOR_VAULT_TRANSIT_TOKEN: vault.rootToken,
    },
    reached: () => Object.entries(admins).flatMap(([service, { takeRequests }]) => (takeRequests().length > 0 ? service : [])),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
