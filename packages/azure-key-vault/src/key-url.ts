/** What names a key of one vault: the URL of the vault with a lower-case host, "/keys/" and the name (SPEC 6.2). */
export function keyRefOf(vaultUrl: unknown, keyName: unknown): string {
  const url = typeof vaultUrl === "string" ? URL.parse(vaultUrl) : null;
  if (url === null || url.protocol !== "https:" || url.href !== `${url.origin}/`) {
    throw new TypeError("the vault URL of the client must be https://HOST and nothing else, for example https://acme.vault.azure.net");
  }
  if (typeof keyName !== "string" || !/^[0-9A-Za-z-]{1,127}$/.test(keyName)) {
    throw new TypeError("keyName must be the name of a key in that vault, 1 to 127 letters, digits and dashes: no URL and no version");
  }
  return requireLength(`${url.origin}/keys/${keyName}`);
}

/** The keyRef in a key URL without a version. */
export function keyRefIn(keyUrl: unknown): string {
  const parts = typeof keyUrl === "string" ? /^(https:\/\/[^/?#]+)\/keys\/([^/?#]+)$/.exec(keyUrl) : null;
  if (parts === null) throw new TypeError("keyUrl must be https://HOST/keys/NAME without a version, and without a slash at its end");
  return keyRefOf(parts[1], parts[2]);
}

export function isKeyVersion(version: unknown): version is string {
  return typeof version === "string" && /^[0-9a-fA-F]{32}$/.test(version);
}

/** The version in an id that the service answered with; undefined where the id is of another key, or no id. */
export function versionIn(kid: unknown, keyRef: string): string | undefined {
  const parts = typeof kid === "string" ? /^(https:\/\/[^/?#]+)(\/keys\/[^/?#]+)\/([^/?#]+)$/.exec(kid) : null;
  if (parts === null || `${parts[1]?.toLowerCase()}${parts[2]}` !== keyRef) return undefined;
  return isKeyVersion(parts[3]) ? parts[3] : undefined;
}

function requireLength(keyRef: string): string {
  if (keyRef.length > 255) throw new TypeError(`the key URL must be at most 255 characters: ${keyRef.slice(0, 64)}...`);
  return keyRef;
}
