import { readFileSync } from "node:fs";
import { usage } from "../failure.ts";
import type { KekSource } from "./kek-source.ts";
import type { VaultTransitUri } from "./vault-transit-uri.ts";
import { withDeadlines } from "./with-deadlines.ts";

/** VAULT_TOKEN and VAULT_CACERT are read as Vault's own command does; VAULT_NAMESPACE where the URI names none. VAULT_ADDR is not: the URI says where. */
export async function vaultTransitSource({ endpoint, mount, keyName, cluster, namespace, derived }: VaultTransitUri): Promise<KekSource> {
  const { vaultClient, vaultTransit } = await import("@letterlock/vault-transit");
  const { VAULT_TOKEN: token = "", VAULT_NAMESPACE = "", VAULT_CACERT = "" } = process.env;
  if (token === "") throw usage("KEKs of vault-transit need a token: set VAULT_TOKEN");
  const client = vaultClient({
    endpoint,
    token,
    ...optional("namespace", namespace ?? VAULT_NAMESPACE),
    ...optional("ca", VAULT_CACERT === "" ? "" : certificates(VAULT_CACERT)),
  });
  return {
    create: () => withDeadlines(vaultTransit({ client, keyName, mount, derived, ...optional("cluster", cluster ?? "") })),
    close: () => client.close(),
  };
}

function optional<K extends string>(name: K, value: string): Partial<Record<K, string>> {
  return value === "" ? {} : ({ [name]: value } as Record<K, string>);
}

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usage(`VAULT_CACERT names ${path}, which cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
