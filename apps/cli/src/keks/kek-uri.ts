import { resolve } from "node:path";
import { usage } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import { type AwsKmsUri, parseAwsKmsUri } from "./aws-kms-uri.ts";
import { type AzureKeyVaultUri, parseAzureKeyVaultUri } from "./azure-key-vault-uri.ts";
import { type GcpKmsUri, parseGcpKmsUri } from "./gcp-kms-uri.ts";
import { parseVaultTransitUri, type VaultTransitUri } from "./vault-transit-uri.ts";

/** A KEK at a provider, whose adapter is loaded when it is made. */
export type ProviderUri = AwsKmsUri | GcpKmsUri | AzureKeyVaultUri | VaultTransitUri;

export type KekUri =
  | { readonly provider: "local"; readonly path: string; readonly name: string | undefined }
  | { readonly provider: "passphrase"; readonly name: string }
  | { readonly provider: "intermediate"; readonly path: string; readonly keyId: string }
  | ProviderUri;

export const defaultPassphraseName = "passphrase";

const providers: Readonly<Record<ProviderUri["provider"], (rest: string) => ProviderUri>> = {
  "aws-kms": parseAwsKmsUri,
  "gcp-kms": parseGcpKmsUri,
  "azure-key-vault": parseAzureKeyVaultUri,
  "vault-transit": parseVaultTransitUri,
};

/** What stands before the colon of a KEK. */
export const kekSchemes: readonly string[] = [
  "local:",
  "passphrase:",
  "intermediate:",
  ...Object.keys(providers).map((name) => `${name}:`),
];

/** Whether a word can be a KEK rather than a file: it starts with a scheme. `./local:file` is a file. */
export function looksLikeKekUri(word: string): boolean {
  return schemeOf(word) !== undefined;
}

/** Paths are relative to `folder`: the working folder, or that of the configuration. */
export function parseKekUri(uri: string, folder: string): KekUri {
  const scheme = schemeOf(uri);
  if (scheme === undefined)
    throw usage(`${withoutCredentials(uri)} is no KEK: write local:PATH, passphrase:[NAME], intermediate:PATH#KEYID or a provider's URI`);
  const rest = uri.slice(scheme.length + 1);
  if (scheme === "passphrase") return { provider: "passphrase", name: rest === "" ? defaultPassphraseName : rest };
  if (scheme === "local") {
    const [path, name] = splitAtHash(rest);
    if (path === "") throw usage("local: needs the path of a key file, as in local:dev.key (`letterlock keygen` makes one)");
    return { provider: "local", path: resolve(folder, path), name };
  }
  if (scheme === "intermediate") {
    const [path, keyId] = splitAtHash(rest);
    if (path === "" || keyId === undefined || !/^[A-Za-z0-9_-]{43}$/.test(keyId)) {
      throw usage(
        "intermediate: needs a key blob and the id of its key, as in intermediate:team.ltrlk#KEYID (`letterlock inspect` shows the id)",
      );
    }
    return { provider: "intermediate", path: resolve(folder, path), keyId };
  }
  if (isProvider(scheme)) return providers[scheme](rest.startsWith("//") ? rest.slice(2) : "");
  throw usage(`${printable(scheme)}: is no provider that letterlock knows: ${kekSchemes.join(" ")}`);
}

/** For a message about a word that is no KEK: it may be a URL with a password. */
export function withoutCredentials(word: string): string {
  return /:\/\/.*@/s.test(word) ? "a URL with credentials" : word;
}

function isProvider(scheme: string): scheme is ProviderUri["provider"] {
  return Object.hasOwn(providers, scheme);
}

function schemeOf(word: string): string | undefined {
  return /^([a-z][a-z0-9-]*):/.exec(word)?.[1];
}

function splitAtHash(text: string): readonly [string, string | undefined] {
  const hash = text.lastIndexOf("#");
  return hash < 0 ? [text, undefined] : [text.slice(0, hash), text.slice(hash + 1)];
}
