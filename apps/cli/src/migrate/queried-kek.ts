import type { ReferenceQuery } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import { chooseUris } from "../keks/chosen-keks.ts";
import type { Configuration } from "../keks/configuration.ts";
import { uncalledSource } from "../keks/uncalled-kek.ts";
import type { MigrateOptions } from "./migrate-options.ts";

/** Which recipients `migrate references` looks for: those of --kek, or as the words of a header name them. The KEK is called for nothing. */
export async function askedReferences(options: MigrateOptions, configuration: Configuration): Promise<ReferenceQuery> {
  const { kek, provider, keyRef, keyVersion = [] } = options;
  if (kek !== undefined && (provider !== undefined || keyRef !== undefined))
    throw usage("--kek names provider and key: leave --provider and --key-ref out");
  if (kek === undefined && provider === undefined && keyRef === undefined && keyVersion.length === 0)
    throw usage("say which key: --kek KEK, or --provider, --key-ref and --key-version as `letterlock inspect` shows them");
  const named = kek === undefined ? { provider, keyRef } : await identityOf(kek, configuration);
  return { ...named, ...(keyVersion.length > 0 && { keyVersion }) };
}

/** The KEK is named and not called: it may be gone. */
async function identityOf(word: string, configuration: Configuration): Promise<ReferenceQuery> {
  const [uri] = chooseUris({ with: [word] }, configuration, { opens: true, seals: false }).from;
  if (uri === undefined) return {};
  const source = await uncalledSource(uri);
  try {
    const { provider, keyRef } = source.create();
    return { provider, keyRef };
  } finally {
    await source.close();
  }
}
