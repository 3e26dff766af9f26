import type { KekUri } from "../keks/kek-uri.ts";
import type { PassphraseSource } from "../keks/passphrase-source.ts";
import { fileIdentity, openFileIdentity } from "./inputs.ts";

/** Files that a command line names to be read, which are never its outputs: their identities, and what each is called. Key files are known by their content. */
export type OwnFiles = ReadonlyMap<string, string>;

interface Named {
  readonly uris: readonly KekUri[];
  readonly passphraseSources: readonly PassphraseSource[];
  readonly configuration: string | undefined;
}

export async function ownFiles({ uris, passphraseSources, configuration }: Named): Promise<OwnFiles> {
  const found: (readonly [string | undefined, string])[] = [];
  for (const source of passphraseSources) {
    found.push(["file" in source ? await fileIdentity(source.file) : openFileIdentity(source.fd), "the file of a passphrase"]);
  }
  for (const uri of uris) {
    if (uri.provider === "intermediate") found.push([await fileIdentity(uri.path), "the key blob of a KEK"]);
  }
  if (configuration !== undefined) found.push([await fileIdentity(configuration), "the configuration"]);
  return new Map(found.flatMap(([identity, what]) => (identity === undefined ? [] : [[identity, what] as const])));
}
