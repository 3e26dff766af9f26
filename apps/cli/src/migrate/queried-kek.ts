import type { ReferenceQuery } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import { type ChosenUris, chooseUris, withSources } from "../keks/chosen-keks.ts";
import type { Configuration } from "../keks/configuration.ts";
import type { MigrateOptions } from "./migrate-options.ts";

/** Which recipients `migrate references` looks for: those of --kek, or as the words of a header name them. The KEK is called for nothing. */
export async function askedReferences(options: MigrateOptions, configuration: Configuration): Promise<ReferenceQuery> {
  const { kek, provider, keyRef, keyVersion = [] } = options;
  if (kek !== undefined && (provider !== undefined || keyRef !== undefined))
    throw usage("--kek names provider and key: leave --provider and --key-ref out");
  if (kek === undefined && provider === undefined && keyRef === undefined && keyVersion.length === 0)
    throw usage("say which key: --kek KEK, or --provider, --key-ref and --key-version as `letterlock inspect` shows them");
  const named = kek === undefined ? { provider, keyRef } : await identityOf(kek, options, configuration);
  return { ...named, ...(keyVersion.length > 0 && { keyVersion }) };
}

async function identityOf(word: string, options: MigrateOptions, configuration: Configuration): Promise<ReferenceQuery> {
  const uris = chooseUris({ with: [word] }, configuration, { opens: true, seals: false });
  return identityIn(uris) ?? (await madeIdentity(uris, options));
}

/** Without a passphrase or the KEKs of an intermediate one, which may be gone. */
function identityIn({ from: [uri] }: ChosenUris): ReferenceQuery | undefined {
  if (uri?.provider === "passphrase") return { provider: uri.provider, keyRef: uri.name };
  if (uri?.provider === "intermediate") return { provider: uri.provider, keyRef: uri.keyId };
  if (uri?.provider === "local" && uri.name !== undefined) return { provider: uri.provider, keyRef: uri.name };
  return undefined;
}

function madeIdentity(uris: ChosenUris, { passphraseSources = [] }: MigrateOptions): Promise<ReferenceQuery> {
  return withSources(uris, passphraseSources, async ({ from: [source] }) => {
    const { provider, keyRef } = source?.create() ?? {};
    return { provider, keyRef };
  });
}
