import { readFileSync } from "node:fs";
import type { OwnVaultClient, VaultTransitOptions } from "@letterlock/vault-transit";
import { usage } from "../failure.ts";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import type { VaultTransitUri } from "./vault-transit-uri.ts";
import { withDeadlines } from "./with-deadlines.ts";
import { fromServer, serverOf } from "./with-server.ts";

/** VAULT_TOKEN and VAULT_CACERT are read as Vault's own command does; VAULT_NAMESPACE where the URI names none. VAULT_ADDR says no address: the URI does. */
export async function vaultTransitSource(uri: VaultTransitUri, { batch, called = true }: SourceOptions): Promise<KekSource> {
  const { checkVaultKey, vaultClient, vaultTransit } = await import("@letterlock/vault-transit");
  const { VAULT_TOKEN: token = "", VAULT_NAMESPACE = "", VAULT_CACERT = "" } = process.env;
  if (token === "" && called) throw usage(noToken);
  const namespace = uri.namespace ?? VAULT_NAMESPACE;
  const client = vaultClient({
    endpoint: uri.endpoint,
    token: token === "" ? missingToken : token,
    ...(namespace === "" ? {} : { namespace }),
    ...(VAULT_CACERT === "" ? {} : { ca: certificates(VAULT_CACERT) }),
  });
  const { keyName, mount, derived, cluster } = uri;
  const options: VaultTransitOptions = { client, keyName, mount, derived, cluster, batch };
  return {
    create: () => withDeadlines(vaultTransit(options)),
    close: () => client.close(),
    whyDenied: () => tokenFault(client),
    async whyNotWrap() {
      const { known } = await fromServer(serverOf(uri), () => checkVaultKey(options));
      const path = `${mount}/encrypt/${keyName}`;
      if (known !== "unknown" || (await cannotCreate(client, path))) return undefined;
      return `not tried, because it would make the key if there is none of that name: the token may not look whether there is one, and nothing says that it may not make keys; grant read on ${mount}/keys/${keyName}, and update alone on ${path}`;
    },
    async notKnown() {
      const { known } = await checkVaultKey(options).catch(() => ({ known: undefined }));
      if (known === "probed") return `whether the key is convergent, and its version: that takes read on ${mount}/keys/${keyName}`;
      if (known !== "unknown") return undefined;
      const without = derived
        ? "a key that is not derived ignores the context"
        : 'only a policy without "create" keeps a mistyped name from becoming a key';
      return `whether the key exists, and whether it is derived: that takes read on ${mount}/keys/${keyName}; ${without}`;
    },
  };
}

const noToken = "KEKs of vault-transit need a token: set VAULT_TOKEN";

function missingToken(): never {
  throw usage(noToken);
}

/** Whether Vault says so. Encryption under a name that has no key takes "create", and makes that key. */
async function cannotCreate(client: OwnVaultClient, path: string): Promise<boolean> {
  const answer = await client.write("sys/capabilities-self", { paths: [path] }).catch(() => undefined);
  const capabilities = (answer as { readonly data?: Readonly<Record<string, unknown>> } | undefined)?.data?.[path];
  return Array.isArray(capabilities) && !capabilities.includes("create") && !capabilities.includes("root");
}

/** A token that Vault knows may ask about itself, unless a policy takes that away too; the words of the answer tell these apart. */
async function tokenFault(client: OwnVaultClient): Promise<string | undefined> {
  try {
    await client.read("auth/token/lookup-self");
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    if (!/: permission denied$|invalid token|bad token/.test(said)) return undefined;
    return "the token is not accepted: it has expired, was revoked, or is of another Vault or namespace; set VAULT_TOKEN to a new one";
  }
}

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usage(`VAULT_CACERT names ${path}, which cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
