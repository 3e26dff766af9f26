import { usage } from "../failure.ts";
import type { AzureKeyVaultUri } from "./azure-key-vault-uri.ts";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import { isLoopback } from "./uri-authority.ts";
import { withDeadlines } from "./with-deadlines.ts";

export async function azureKeyVaultSource(
  { vaultUrl, keyName, loopback }: AzureKeyVaultUri,
  { sdkAttempts }: SourceOptions,
): Promise<KekSource> {
  const [{ azureKeyVault }, { KeyClient }, { DefaultAzureCredential, EnvironmentCredential }] = await Promise.all([
    import("@letterlock/azure-key-vault"),
    import("@azure/keyvault-keys"),
    import("@azure/identity"),
  ]);
  // An emulator gets the credentials that were made for it, never those that the default chain finds on this machine.
  const retries = sdkAttempts === undefined ? {} : { retryOptions: { maxRetries: sdkAttempts - 1 } };
  const client = loopback
    ? new KeyClient(vaultUrl, new EnvironmentCredential(emulatorAuthority()), { disableChallengeResourceVerification: true, ...retries })
    : new KeyClient(vaultUrl, new DefaultAzureCredential(), retries);
  return {
    create: () => withDeadlines(azureKeyVault({ client, keyName })),
    // The SDK has nothing to close: its idle sockets do not keep the process.
    close: async () => {},
  };
}

function emulatorAuthority(): { readonly authorityHost: string; readonly disableInstanceDiscovery: true } {
  const authorityHost = process.env.AZURE_AUTHORITY_HOST ?? "";
  if (URL.canParse(authorityHost) && isLoopback(new URL(authorityHost).hostname)) return { authorityHost, disableInstanceDiscovery: true };
  throw usage("azure-key-vault: a vault on this machine is an emulator: set the variables that `letterlock emulators` prints");
}
