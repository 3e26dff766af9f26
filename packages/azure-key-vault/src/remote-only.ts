import type { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

/**
 * A client for one version ("" is the latest), with the pipeline of the user's client. By itself it would read the key first: a request more, that asks for
 * `keys/get`, and an unwrap refused in this process once the version that it read has expired, although the service allows that. A client that was refused
 * `keys/get` reads nothing and sends everything, so it is put in that state from the start; a release of the SDK that has no such state reads the key.
 */
export function remoteOnly(client: Pick<KeyClient, "getCryptographyClient">, keyName: string, keyVersion: string): CryptographyClient {
  const cryptography = client.getCryptographyClient(keyName, keyVersion === "" ? {} : { keyVersion });
  Reflect.set(cryptography, "key", { kind: "remoteOnlyIdentifier", value: cryptography.keyID });
  return cryptography;
}
