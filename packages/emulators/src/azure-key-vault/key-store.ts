import { type KeyVersion, nextVersion, seconds } from "./key-version.ts";
import { badParameter, keyNotFound, nameInUse } from "./refusal.ts";

export interface VaultKey {
  readonly name: string;
  /** Oldest first; never empty. */
  readonly versions: KeyVersion[];
  rotationPolicy: Readonly<Record<string, unknown>> | undefined;
  /** Seconds since 1970. */
  deleted: number | undefined;
}

/** The keys of one vault. Whatever names a key that is not there is `keyNotFound`. */
export interface KeyStore {
  /** Another version, of a new key where there is none. */
  add(name: string, version: KeyVersion): VaultKey;
  key(name: string): VaultKey;
  /** "" is the latest version. */
  version(name: string, version: string): KeyVersion;
  rotate(name: string): Promise<KeyVersion>;
  keys(): readonly VaultKey[];
  delete(name: string): VaultKey;
  deletedKey(name: string): VaultKey;
  deletedKeys(): readonly VaultKey[];
  recover(name: string): VaultKey;
  purge(name: string): void;
  /** Before a version is made, because an RSA key takes a while. */
  checkName(name: string): void;
}

export function createKeyStore(): KeyStore {
  const all = new Map<string, VaultKey>();
  const key = (name: string): VaultKey => {
    const found = all.get(name);
    if (found === undefined || found.deleted !== undefined) throw keyNotFound(name, "");
    return found;
  };
  const deletedKey = (name: string): VaultKey => {
    const found = all.get(name);
    if (found?.deleted === undefined) throw keyNotFound(name, "");
    return found;
  };
  const checkName = (name: string): void => {
    if (!/^[0-9A-Za-z-]{1,127}$/.test(name)) {
      throw badParameter(`The request URI contains an invalid name: ${name}`);
    }
    if (all.get(name)?.deleted !== undefined) throw nameInUse(name);
  };
  return {
    checkName,
    add(name, version) {
      checkName(name);
      const existing = all.get(name);
      existing?.versions.push(version);
      const added = existing ?? { name, versions: [version], rotationPolicy: undefined, deleted: undefined };
      all.set(name, added);
      return added;
    },
    key,
    version(name, id) {
      const found = id === "" ? key(name).versions.at(-1) : key(name).versions.find((version) => version.id === id);
      if (found === undefined) throw keyNotFound(name, id);
      return found;
    },
    async rotate(name) {
      const rotated = await nextVersion(latest(key(name)));
      key(name).versions.push(rotated);
      return rotated;
    },
    keys: () => [...all.values()].filter(({ deleted }) => deleted === undefined),
    delete(name) {
      const found = key(name);
      found.deleted = seconds();
      return found;
    },
    deletedKey,
    deletedKeys: () => [...all.values()].filter(({ deleted }) => deleted !== undefined),
    recover(name) {
      const found = deletedKey(name);
      found.deleted = undefined;
      return found;
    },
    purge(name) {
      deletedKey(name);
      all.delete(name);
    },
  };
}

export function latest({ name, versions }: VaultKey): KeyVersion {
  const version = versions.at(-1);
  if (version === undefined) throw keyNotFound(name, "");
  return version;
}
