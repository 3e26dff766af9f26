import type { EmulatorOptions } from "@letterlock/emulators";
import { usage } from "../failure.ts";
import type { EmulatedServices } from "./emulated-services.ts";

export interface Listening {
  readonly host: string;
  readonly allowRemote: boolean;
  /** The first of the ports that are taken, one after the other; 0: free ones, whichever they are. */
  readonly portBase: number;
}

/** AWS KMS, Cloud KMS by gRPC and by REST, Key Vault, Vault Transit. */
export const portCount = 5;
const region = "eu-west-1";
const clientId = "00000000-0000-4000-8000-0000000000d0";

/** Starts the four services, each with a key called dev. When one cannot start, none runs. */
export async function startEmulators({ host, allowRemote, portBase }: Listening): Promise<EmulatedServices> {
  const { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } = await import("@letterlock/emulators");
  const started: AsyncDisposable[] = [];
  const port = (index: number): number => (portBase === 0 ? 0 : portBase + index);
  const start = async <T extends AsyncDisposable>(run: (options: EmulatorOptions) => Promise<T>, index: number): Promise<T> => {
    const emulator = await run({ port: port(index), host, allowRemote }).catch((error: unknown) => {
      throw bindFailure(error, host);
    });
    started.push(emulator);
    return emulator;
  };
  const close = async (): Promise<void> => {
    for (const emulator of started) await emulator[Symbol.asyncDispose]();
  };
  try {
    const aws = await start(startAwsKms, 0);
    const gcp = await start((options) => startGcpKms({ ...options, restPort: port(2) }), 1);
    const azure = await start(startAzureKeyVault, 3);
    const vault = await start(startVaultTransit, 4);
    const azureKey = await azure.admin.createKey({ name: "dev" });
    const vaultKey = vault.admin.createKey({ name: "dev" });
    const tls = vault.endpoint.startsWith("https:") ? "" : "?tls=false";
    return {
      environment: {
        AWS_ENDPOINT_URL_KMS: fromHere(aws.endpoint),
        AWS_ACCESS_KEY_ID: "emulated",
        AWS_SECRET_ACCESS_KEY: "emulated",
        LETTERLOCK_GCP_KMS_EMULATOR_HOST: fromHere(gcp.endpoint),
        AZURE_AUTHORITY_HOST: fromHere(azure.endpoint),
        AZURE_TENANT_ID: azure.tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: "emulated",
        VAULT_ADDR: fromHere(vault.endpoint),
        VAULT_TOKEN: vault.rootToken,
      },
      certificate: azure.certificate,
      keks: {
        AWS_KEK: `aws-kms://${await aws.admin.createKey({ region, alias: "alias/dev" })}`,
        GCP_KEK: `gcp-kms://${gcp.admin.createKey({ name: "projects/emulated/locations/global/keyRings/emulated/cryptoKeys/dev" })}`,
        AZURE_KEK: fromHere(azureKey).replace("https:", "azure-key-vault:"),
        VAULT_KEK: `vault-transit://${new URL(fromHere(vault.endpoint)).host}/${vaultKey}${tls}`,
      },
      admin: { aws: aws.admin, gcp: gcp.admin, azure: azure.admin, vault: vault.admin },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where every interface is listened on, this machine still asks its own. */
function fromHere(address: string): string {
  return address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
}

function bindFailure(error: unknown, host: string): unknown {
  const { code, port } = error as { readonly code?: unknown; readonly port?: unknown };
  if (code === "EADDRINUSE")
    return usage(`port ${String(port)} is in use: take others with --port-base N, or any free ones with --port-base 0`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return usage(`--host ${host} is no address of this machine`);
  if (code === "EACCES") return usage(`port ${String(port)} needs more rights: take others with --port-base N`);
  return error;
}
