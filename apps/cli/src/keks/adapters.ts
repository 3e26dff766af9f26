import type { Kek } from "@letterlock/core";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import type { ProviderUri } from "./kek-uri.ts";
import { withPackages } from "./optional-packages.ts";
import { warningOfTls } from "./warning-of-tls.ts";
import { serverOf, withServer } from "./with-server.ts";

/** What the users of a provider install beside letterlock. */
const adapterPackages: Readonly<Record<ProviderUri["provider"], readonly string[]>> = {
  "aws-kms": ["@letterlock/aws-kms", "@aws-sdk/client-kms"],
  "gcp-kms": ["@letterlock/gcp-kms", "@google-cloud/kms"],
  "azure-key-vault": ["@letterlock/azure-key-vault", "@azure/keyvault-keys", "@azure/identity"],
  "vault-transit": ["@letterlock/vault-transit"],
};

/** Loads the adapter and the SDK of the provider, which nothing did before, and connects as the SDK does by itself. */
export async function providerSource(uri: ProviderUri, options: SourceOptions): Promise<KekSource> {
  const { provider } = uri;
  const source = await withPackages(adapterPackages[provider], `KEKs of ${provider} need packages that are`, () => load(uri, options));
  const server = serverOf(uri);
  const known = (): Kek => withServer(source.create(), server);
  return { ...source, create: options.warns === true ? () => warningOfTls(known()) : known };
}

async function load(uri: ProviderUri, options: SourceOptions): Promise<KekSource> {
  switch (uri.provider) {
    case "aws-kms":
      return (await import("./aws-kms.ts")).awsKmsSource(uri, options);
    case "gcp-kms":
      return (await import("./gcp-kms.ts")).gcpKmsSource(uri);
    case "azure-key-vault":
      return (await import("./azure-key-vault.ts")).azureKeyVaultSource(uri, options);
    case "vault-transit":
      return (await import("./vault-transit.ts")).vaultTransitSource(uri, options);
  }
}
