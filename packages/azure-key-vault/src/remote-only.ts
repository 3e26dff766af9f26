import type { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

/** Anybody who writes the storage can name any number of versions; a key in use has a few. */
const mostKept = 64;

/**
 * Clients for the versions of one key ("" is the latest), each with the pipeline of the user's client. By itself such a client would read the key first: a
 * request more, that asks for `keys/get`, and an unwrap refused in this process once the version that it read has expired, although the service allows that.
 * A client that was refused `keys/get` reads nothing and sends everything, so it is put in that state from the start; a release of the SDK that has no such
 * state reads the key once.
 */
export function remoteOnly(client: Pick<KeyClient, "getCryptographyClient">, keyName: string): (keyVersion: string) => CryptographyClient {
  const kept = new Map<string, CryptographyClient>();
  return (keyVersion) => {
    const known = kept.get(keyVersion);
    if (known !== undefined) return known;
    const made = client.getCryptographyClient(keyName, keyVersion === "" ? {} : { keyVersion });
    Reflect.set(made, "key", { kind: "remoteOnlyIdentifier", value: made.keyID });
    const [oldest] = kept.keys();
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
    kept.set(keyVersion, made);
    return made;
  };
}
