import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";

/** The four services in this process, a key in each, and what the command finds them by. */
export interface FourServices {
  readonly keks: Readonly<Record<"aws" | "gcp" | "azure" | "vault", string>>;
  readonly env: Readonly<Record<string, string>>;
  /** As when a region is down. */
  shutAwsDown(): Promise<void>;
  rotateGcp(): void;
  close(): Promise<void>;
}

export async function startFourServices(folder: string): Promise<FourServices> {
  const aws = await startAwsKms();
  const gcp = await startGcpKms();
  const azure = await startAzureKeyVault();
  const vault = await startVaultTransit();
  const keyArn = await aws.admin.createKey();
  const gcpKey = gcp.admin.createKey();
  const azureKey = await azure.admin.createKey({ name: "demo" });
  vault.admin.createKey({ name: "demo" });
  const certificate = join(folder, "azure-key-vault.pem");
  await writeFile(certificate, azure.certificate);
  return {
    keks: {
      aws: `aws-kms://${keyArn}`,
      gcp: `gcp-kms://${gcpKey}`,
      azure: `azure-key-vault://${new URL(azureKey).host}/keys/demo`,
      vault: `vault-transit://${new URL(vault.endpoint).host}/transit/demo?tls=false`,
    },
    env: {
      AWS_ENDPOINT_URL_KMS: aws.endpoint,
      AWS_ACCESS_KEY_ID: "demo",
      AWS_SECRET_ACCESS_KEY: "demo",
      AWS_PROFILE: "",
      LETTERLOCK_GCP_KMS_EMULATOR_HOST: new URL(`http://${gcp.endpoint.replace(/^.*:\/\//, "")}`).host,
      AZURE_AUTHORITY_HOST: azure.endpoint,
      AZURE_TENANT_ID: azure.tenantId,
      AZURE_CLIENT_ID: "demo",
      AZURE_CLIENT_SECRET: "demo",
      VAULT_TOKEN: vault.rootToken,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    shutAwsDown: () => aws.close(),
    rotateGcp: () => gcp.admin.rotateKey(gcpKey),
    async close() {
      await Promise.all([aws.close(), gcp.close(), azure.close(), vault.close()]);
    },
  };
}
