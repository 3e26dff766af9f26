import { usage } from "../failure.ts";
import { authorityText, parseAuthority, refuseCredentials } from "./uri-authority.ts";

export interface AzureKeyVaultUri {
  readonly provider: "azure-key-vault";
  readonly vaultUrl: string;
  readonly keyName: string;
  /** An emulator on this machine. */
  readonly loopback: boolean;
}

const example = "azure-key-vault://NAME.vault.azure.net/keys/KEY";

/** `rest`: what follows "azure-key-vault://". */
export function parseAzureKeyVaultUri(rest: string): AzureKeyVaultUri {
  refuseCredentials(rest, "azure-key-vault", example);
  const slash = rest.indexOf("/");
  const authority = parseAuthority(slash < 0 ? rest : rest.slice(0, slash), "azure-key-vault", example);
  const [, keyName, version] = /^\/keys\/([0-9A-Za-z-]{1,127})(\/.*)?$/.exec(slash < 0 ? "" : rest.slice(slash)) ?? [];
  if (keyName === undefined) throw usage(`azure-key-vault: the path of a key is /keys/NAME: write ${example}`);
  if (version !== undefined) {
    throw usage(
      `azure-key-vault: a KEK is a key with all its versions: write azure-key-vault://${authorityText(authority)}/keys/${keyName}`,
    );
  }
  if (!authority.loopback && (authority.port !== undefined || !authority.host.includes("."))) {
    throw usage(`azure-key-vault: ${authorityText(authority)} is no vault: write its whole host without a port, as in ${example}`);
  }
  return { provider: "azure-key-vault", vaultUrl: `https://${authorityText(authority)}`, keyName, loopback: authority.loopback };
}
