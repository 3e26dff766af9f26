import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { parseName } from "./resource-name.ts";
import { Refusal } from "./status.ts";

export type Purpose = "ENCRYPT_DECRYPT" | "ASYMMETRIC_DECRYPT";
export type Protection = "SOFTWARE" | "HSM";
export type VersionState = "ENABLED" | "DISABLED" | "DESTROY_SCHEDULED" | "DESTROYED";

export interface Version {
  /** ".../cryptoKeyVersions/1" */
  readonly name: string;
  readonly number: number;
  readonly algorithm: string;
  readonly protectionLevel: Protection;
  readonly createTime: Date;
  /** 4 bytes that stand in every ciphertext of this version. */
  readonly id: Buffer;
  /** 32 bytes; zeroed when the version is destroyed. */
  readonly secret: Buffer;
  readonly keyPair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  state: VersionState;
  destroyTime: Date | undefined;
  destroyEventTime: Date | undefined;
}

export interface Key {
  readonly name: string;
  readonly purpose: Purpose;
  readonly createTime: Date;
  /** 4 bytes that stand in every ciphertext of this key. */
  readonly id: Buffer;
  readonly algorithm: string;
  readonly protectionLevel: Protection;
  readonly destroyAfterSeconds: number;
  readonly versions: Version[];
  primary: Version | undefined;
  labels: Readonly<Record<string, string>>;
  rotationPeriod: unknown;
  nextRotationTime: unknown;
}

export interface Ring {
  readonly name: string;
  readonly createTime: Date;
  readonly keys: Map<string, Key>;
}

export interface KeyStore {
  readonly rings: Map<string, Ring>;
  ring(name: string): Ring;
  key(name: string): Key;
  version(key: Key, number: string | number): Version;
  addRing(name: string): Ring;
  addKey(name: string, settings: KeySettings): Key;
  addVersion(key: Key): Version;
}

export type KeySettings = Pick<Key, "purpose" | "algorithm" | "protectionLevel" | "destroyAfterSeconds">;

/** What Cloud KMS waits by default between the call and the destruction: 30 days. */
export const defaultDestroySeconds: number = 30 * 24 * 60 * 60;

const modulusBits: Readonly<Record<string, number>> = {
  RSA_DECRYPT_OAEP_2048_SHA256: 2048,
  RSA_DECRYPT_OAEP_3072_SHA256: 3072,
  RSA_DECRYPT_OAEP_4096_SHA256: 4096,
  RSA_DECRYPT_OAEP_4096_SHA512: 4096,
};

/** Everything is gone with it. */
export function createKeyStore(): KeyStore {
  const rings = new Map<string, Ring>();
  const store: KeyStore = {
    rings,
    ring(name) {
      const ring = rings.get(name);
      if (ring === undefined) throw new Refusal("NOT_FOUND", `KeyRing ${name} not found.`);
      return ring;
    },
    key(name) {
      const key = store.ring(parseName(name)?.ring ?? name).keys.get(name);
      if (key === undefined) throw new Refusal("NOT_FOUND", `CryptoKey ${name} not found.`);
      for (const version of key.versions) destroyWhenDue(version);
      return key;
    },
    version(key, number) {
      const version = key.versions.find((one) => String(one.number) === String(number));
      if (version === undefined) throw new Refusal("NOT_FOUND", `CryptoKeyVersion ${key.name}/cryptoKeyVersions/${number} not found.`);
      return version;
    },
    addRing(name) {
      if (rings.has(name)) throw new Refusal("ALREADY_EXISTS", `KeyRing ${name} already exists.`);
      const ring = { name, createTime: new Date(), keys: new Map<string, Key>() };
      rings.set(name, ring);
      return ring;
    },
    addKey(name, settings) {
      const { keys } = store.ring(parseName(name)?.ring ?? name);
      if (keys.has(name)) throw new Refusal("ALREADY_EXISTS", `CryptoKey ${name} already exists.`);
      const own = { name, createTime: new Date(), id: randomBytes(4), versions: [], primary: undefined, labels: {} };
      const key: Key = { ...settings, ...own, rotationPeriod: null, nextRotationTime: null };
      keys.set(name, key);
      return key;
    },
    addVersion(key) {
      const number = key.versions.length + 1;
      const modulusLength = modulusBits[key.algorithm];
      const version: Version = {
        name: `${key.name}/cryptoKeyVersions/${number}`,
        number,
        algorithm: key.algorithm,
        protectionLevel: key.protectionLevel,
        createTime: new Date(),
        id: randomBytes(4),
        secret: randomBytes(32),
        keyPair: modulusLength === undefined ? undefined : generateKeyPairSync("rsa", { modulusLength }),
        state: "ENABLED",
        destroyTime: undefined,
        destroyEventTime: undefined,
      };
      key.versions.push(version);
      return version;
    },
  };
  return store;
}

/** Its bytes are gone; what it wrapped does not open again. */
export function destroy(version: Version, when: Date): void {
  version.state = "DESTROYED";
  version.destroyTime = undefined;
  version.destroyEventTime = when;
  version.secret.fill(0);
}

function destroyWhenDue(version: Version): void {
  const { state, destroyTime } = version;
  if (state === "DESTROY_SCHEDULED" && destroyTime !== undefined && destroyTime.getTime() <= Date.now()) destroy(version, destroyTime);
}
