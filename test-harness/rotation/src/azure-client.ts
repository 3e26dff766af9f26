import { KeyClient } from "@azure/keyvault-keys";
import type { AzureKeyVaultEmulator } from "@letterlock/emulators";

/** The SDK without its retries. `endpoint` is another way to the same vault. */
export function azureClient({ endpoint, certificate }: AzureKeyVaultEmulator, through: string = endpoint): KeyClient {
  const credential = { getToken: async () => ({ token: "anybody", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return new KeyClient(through, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: certificate },
    retryOptions: { maxRetries: 0 },
  });
}
