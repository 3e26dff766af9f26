import { KeyClient, type KeyClientOptions } from "@azure/keyvault-keys";
import type { AzureKeyVaultEmulator } from "@letterlock/emulators";

/** The unmodified SDK, without its retries. */
export function keyClient(vault: AzureKeyVaultEmulator, token = "anybody", options: KeyClientOptions = {}): KeyClient {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return new KeyClient(vault.endpoint, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: vault.certificate },
    retryOptions: { maxRetries: 0 },
    ...options,
  });
}
