import { aliasArn, keyArn, type Place, parseArn } from "./arn.ts";
import { AwsKmsError } from "./aws-kms-error.ts";
import type { KeyFamily, KeyMaterial, KmsKey } from "./kms-key.ts";

export interface Alias extends Place {
  /** "alias/…" */
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  keyId: string;
}

/** Every key and alias of the account, in all regions. */
export interface KeyStore {
  readonly account: string;
  add(key: KmsKey): void;
  remove(key: KmsKey): void;
  keysIn(region: string): readonly KmsKey[];
  /** The key itself and, where it is a multi-Region key, those of the other regions. */
  replicasOf(family: KeyFamily): readonly KmsKey[];
  /** By id, key ARN, alias name or alias ARN. A key that is not of this place is a NotFoundException. */
  find(keyId: string, place: Place): KmsKey;
  /** As `find`, undefined where it throws. */
  lookUp(keyId: string, place: Place): KmsKey | undefined;
  /** The key of a place that owns this generation of key material. */
  ownerOf(materialId: string, place: Place): { readonly key: KmsKey; readonly material: KeyMaterial } | undefined;
  readonly aliases: Map<string, Alias>;
}

export function createKeyStore(account: string): KeyStore {
  const keys = new Map<string, KmsKey>();
  const aliases = new Map<string, Alias>();

  function find(keyId: string, place: Place): KmsKey {
    const arn = parseArn(keyId);
    if (keyId.startsWith("arn:") && (arn === undefined || arn.region !== place.region)) {
      throw notFound(`Invalid arn ${arn?.region ?? keyId}`);
    }
    const name = arn?.resource ?? (keyId.startsWith("alias/") ? keyId : `key/${keyId}`);
    const home = arn ?? place;
    if (name.startsWith("alias/")) {
      const alias = aliases.get(aliasArn(home, name));
      if (alias === undefined) throw notFound(`Alias ${aliasArn(home, name)} is not found.`);
      return findKey(alias.keyId, alias);
    }
    return findKey(name.slice("key/".length), home);
  }

  function findKey(keyId: string, place: Place): KmsKey {
    if (!/^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(keyId)) throw notFound(`Invalid keyId '${keyId}'`);
    const key = keys.get(keyArn(place, keyId));
    if (key === undefined) throw notFound(`Key '${keyArn(place, keyId)}' does not exist`);
    return key;
  }

  return {
    account,
    aliases,
    add: (key) => void keys.set(key.arn, key),
    remove(key) {
      keys.delete(key.arn);
      for (const alias of [...aliases.values()]) {
        if (alias.region === key.region && alias.keyId === key.family.keyId) aliases.delete(alias.arn);
      }
    },
    keysIn: (region) => [...keys.values()].filter((key) => key.region === region),
    replicasOf: (family) => [...keys.values()].filter((key) => key.family === family),
    find,
    lookUp(keyId, place) {
      try {
        return find(keyId, place);
      } catch {
        return undefined;
      }
    },
    ownerOf(materialId, { region }) {
      for (const key of keys.values()) {
        if (key.region !== region) continue;
        const material = key.family.materials.find(({ id }) => id === materialId);
        if (material !== undefined) return { key, material };
      }
      return undefined;
    },
  };
}

function notFound(text: string): AwsKmsError {
  return new AwsKmsError("NotFoundException", text);
}
