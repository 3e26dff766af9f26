import { usage } from "../failure.ts";
import type { Configuration } from "./configuration.ts";
import type { KekUri } from "./kek-uri.ts";

/**
 * Refuses a Vault of a configuration that was found, unless VAULT_ADDR is that Vault. The file may have come with somebody else's files, and the token of
 * the environment would go to whoever wrote it. The other providers need no such rule: AWS gets signatures, Google's host is fixed, and a token of Azure is
 * made for the service whose domain the host belongs to.
 */
export function requireKnownVault(uri: KekUri, { path, named }: Configuration): void {
  if (uri.provider !== "vault-transit" || named) return;
  const { VAULT_ADDR = "" } = process.env;
  if (URL.canParse(VAULT_ADDR) && new URL(VAULT_ADDR).origin === new URL(uri.endpoint).origin) return;
  throw usage(
    `${path} was found, not named, so VAULT_TOKEN does not go to the ${uri.endpoint} in it: if that is your Vault, set VAULT_ADDR=${uri.endpoint}, or name the configuration with --config`,
  );
}
