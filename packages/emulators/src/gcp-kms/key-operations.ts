import { defaultDestroySeconds, type Key, type KeySettings, type KeyStore, type Purpose, type Version } from "./key-store.ts";
import { type PageRequest, page } from "./page.ts";
import { requireId, requireKey, requireLocation, requireRing, requireVersion } from "./resource-name.ts";
import { keyResource, type Moment, ringResource, versionResource } from "./resources.ts";
import { Refusal } from "./status.ts";

interface CryptoKeyInput {
  readonly name: string;
  readonly purpose: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rotationPeriod?: Moment | null;
  readonly nextRotationTime: Moment | null;
  readonly versionTemplate: { readonly protectionLevel: string; readonly algorithm: string } | null;
  readonly destroyScheduledDuration: Moment | null;
}

interface Mask {
  readonly paths: readonly string[];
}

export interface KeyRequests {
  ListKeyRings: PageRequest;
  ListCryptoKeys: PageRequest;
  ListCryptoKeyVersions: PageRequest;
  GetKeyRing: { readonly name: string };
  GetCryptoKey: { readonly name: string };
  GetCryptoKeyVersion: { readonly name: string };
  CreateKeyRing: { readonly parent: string; readonly keyRingId: string };
  CreateCryptoKey: {
    readonly parent: string;
    readonly cryptoKeyId: string;
    readonly cryptoKey: CryptoKeyInput | null;
    readonly skipInitialVersionCreation: boolean;
  };
  CreateCryptoKeyVersion: { readonly parent: string };
  UpdateCryptoKey: { readonly cryptoKey: CryptoKeyInput | null; readonly updateMask: Mask | null };
  UpdateCryptoKeyVersion: {
    readonly cryptoKeyVersion: { readonly name: string; readonly state: string } | null;
    readonly updateMask: Mask | null;
  };
  UpdateCryptoKeyPrimaryVersion: { readonly name: string; readonly cryptoKeyVersionId: string };
  DestroyCryptoKeyVersion: { readonly name: string };
  RestoreCryptoKeyVersion: { readonly name: string };
}

export function keyOperations(store: KeyStore): { readonly [O in keyof KeyRequests]: (request: KeyRequests[O]) => object } {
  const named = (name: string): { readonly key: Key; readonly version: Version } => {
    const parsed = requireVersion(name);
    const key = store.key(parsed.key);
    return { key, version: store.version(key, parsed.version) };
  };
  return {
    ListKeyRings(request) {
      const location = requireLocation(request.parent);
      const rings = [...store.rings.values()].filter(({ name }) => name.startsWith(`${location}/`));
      return page(request, rings, "keyRings", ringResource);
    },
    ListCryptoKeys: (request) => page(request, [...store.ring(requireRing(request.parent)).keys.values()], "cryptoKeys", keyResource),
    ListCryptoKeyVersions: (request) => page(request, store.key(requireKey(request.parent)).versions, "cryptoKeyVersions", versionResource),
    GetKeyRing: ({ name }) => ringResource(store.ring(requireRing(name))),
    GetCryptoKey: ({ name }) => keyResource(store.key(requireKey(name))),
    GetCryptoKeyVersion: ({ name }) => versionResource(named(name).version),
    CreateKeyRing({ parent, keyRingId }) {
      return ringResource(store.addRing(`${requireLocation(parent)}/keyRings/${requireId(keyRingId, "key_ring_id")}`));
    },
    CreateCryptoKey({ parent, cryptoKeyId, cryptoKey, skipInitialVersionCreation }) {
      const name = `${requireRing(parent)}/cryptoKeys/${requireId(cryptoKeyId, "crypto_key_id")}`;
      const key = store.addKey(name, settingsOf(cryptoKey));
      update(key, cryptoKey, ["labels", "rotation_period", "next_rotation_time"]);
      if (skipInitialVersionCreation) return keyResource(key);
      const version = store.addVersion(key);
      if (key.purpose === "ENCRYPT_DECRYPT") key.primary = version;
      return keyResource(key);
    },
    CreateCryptoKeyVersion: ({ parent }) => versionResource(store.addVersion(store.key(requireKey(parent)))),
    UpdateCryptoKey({ cryptoKey, updateMask }) {
      const key = store.key(requireKey(cryptoKey?.name ?? ""));
      update(key, cryptoKey, requirePaths(updateMask, ["labels", "rotation_period", "next_rotation_time"]));
      return keyResource(key);
    },
    UpdateCryptoKeyVersion({ cryptoKeyVersion, updateMask }) {
      requirePaths(updateMask, ["state"]);
      const { version } = named(cryptoKeyVersion?.name ?? "");
      const state = cryptoKeyVersion?.state;
      if (state !== "ENABLED" && state !== "DISABLED") {
        throw new Refusal("INVALID_ARGUMENT", "The state can only be changed to ENABLED or DISABLED.");
      }
      requireState(version, ["ENABLED", "DISABLED"]).state = state;
      return versionResource(version);
    },
    UpdateCryptoKeyPrimaryVersion({ name, cryptoKeyVersionId }) {
      const key = store.key(requireKey(name));
      if (key.purpose !== "ENCRYPT_DECRYPT") throw new Refusal("FAILED_PRECONDITION", `${key.name} has purpose ${key.purpose}.`);
      key.primary = requireState(store.version(key, cryptoKeyVersionId), ["ENABLED"]);
      return keyResource(key);
    },
    DestroyCryptoKeyVersion({ name }) {
      const { key, version } = named(name);
      requireState(version, ["ENABLED", "DISABLED"]);
      version.state = "DESTROY_SCHEDULED";
      version.destroyTime = new Date(Date.now() + key.destroyAfterSeconds * 1000);
      return versionResource(version);
    },
    RestoreCryptoKeyVersion({ name }) {
      const { version } = named(name);
      requireState(version, ["DESTROY_SCHEDULED"]);
      version.state = "DISABLED";
      version.destroyTime = undefined;
      return versionResource(version);
    },
  };
}

const algorithms: Readonly<Record<Purpose, readonly string[]>> = {
  ENCRYPT_DECRYPT: ["GOOGLE_SYMMETRIC_ENCRYPTION"],
  ASYMMETRIC_DECRYPT: [
    "RSA_DECRYPT_OAEP_2048_SHA256",
    "RSA_DECRYPT_OAEP_3072_SHA256",
    "RSA_DECRYPT_OAEP_4096_SHA256",
    "RSA_DECRYPT_OAEP_4096_SHA512",
  ],
};

function settingsOf(input: CryptoKeyInput | null): KeySettings {
  const purpose = input?.purpose;
  if (purpose !== "ENCRYPT_DECRYPT" && purpose !== "ASYMMETRIC_DECRYPT") {
    throw new Refusal("INVALID_ARGUMENT", `The purpose ${purpose} is not supported.`);
  }
  const asked = input?.versionTemplate;
  const known = algorithms[purpose];
  const given = asked?.algorithm ?? "CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED";
  const algorithm = given === "CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED" && purpose === "ENCRYPT_DECRYPT" ? known[0] : given;
  if (algorithm === undefined || !known.includes(algorithm)) {
    throw new Refusal("INVALID_ARGUMENT", `The algorithm ${given} does not fit the purpose ${purpose}.`);
  }
  return {
    purpose,
    algorithm,
    protectionLevel: asked?.protectionLevel === "HSM" ? "HSM" : "SOFTWARE",
    destroyAfterSeconds: Number(input?.destroyScheduledDuration?.seconds ?? defaultDestroySeconds),
  };
}

function update(key: Key, input: CryptoKeyInput | null, paths: readonly string[]): void {
  if (paths.includes("labels")) key.labels = { ...input?.labels };
  if (paths.includes("rotation_period")) key.rotationPeriod = input?.rotationPeriod ?? null;
  if (paths.includes("next_rotation_time")) key.nextRotationTime = input?.nextRotationTime ?? null;
}

/** REST spells paths in camel case. */
function requirePaths(mask: Mask | null, known: readonly string[]): readonly string[] {
  const paths = (mask?.paths ?? []).map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  if (paths.length > 0 && paths.every((path) => known.includes(path))) return paths;
  throw new Refusal("INVALID_ARGUMENT", `The update_mask must name one or more of ${known.join(", ")}.`);
}

function requireState(version: Version, states: readonly Version["state"][]): Version {
  if (states.includes(version.state)) return version;
  const { name, state } = version;
  throw new Refusal("FAILED_PRECONDITION", `${name} must be ${states.join(" or ")}, current state is: ${state}.`);
}
