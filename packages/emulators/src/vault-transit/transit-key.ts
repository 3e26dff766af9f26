import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { Refusal } from "./refusal.ts";

export interface KeyType {
  /** Bits of an RSA modulus; bytes of a symmetric key. */
  readonly size: number;
  readonly kind: "aead" | "rsa" | "signing";
}

const keyTypes: Readonly<Record<string, KeyType>> = {
  "aes128-gcm96": { kind: "aead", size: 16 },
  "aes256-gcm96": { kind: "aead", size: 32 },
  "chacha20-poly1305": { kind: "aead", size: 32 },
  "xchacha20-poly1305": { kind: "aead", size: 32 },
  "rsa-2048": { kind: "rsa", size: 2048 },
  "rsa-3072": { kind: "rsa", size: 3072 },
  "rsa-4096": { kind: "rsa", size: 4096 },
  ed25519: { kind: "signing", size: 32 },
};

export interface KeyVersion {
  /** The secret key, or the private key of an RSA key. */
  readonly material: KeyObject;
  readonly publicKey: string | undefined;
  readonly createdAt: number;
}

export interface TransitKey {
  readonly name: string;
  readonly type: string;
  readonly derived: boolean;
  readonly convergent: boolean;
  readonly versions: Map<number, KeyVersion>;
  latest: number;
  minDecryption: number;
  minEncryption: number;
  minAvailable: number;
  exportable: boolean;
  plaintextBackup: boolean;
  deletionAllowed: boolean;
  softDeleted: boolean;
  autoRotateSeconds: number;
}

export interface NewKey {
  readonly name: string;
  readonly type?: string | undefined;
  readonly derived?: boolean | undefined;
  readonly convergent?: boolean | undefined;
  readonly exportable?: boolean | undefined;
}

export function createTransitKey(
  clock: Clock,
  { name, type = "aes256-gcm96", derived = false, convergent = false, exportable = false }: NewKey,
): TransitKey {
  const { kind } = keyType(type);
  if (convergent && !derived) throw new Refusal(400, "convergent encryption requires derivation to be enabled");
  if (derived && kind === "rsa") throw new Refusal(400, `key derivation not supported for type ${type}`);
  const key: TransitKey = {
    name,
    type,
    derived,
    convergent,
    exportable,
    versions: new Map(),
    latest: 0,
    minDecryption: 1,
    minEncryption: 0,
    minAvailable: 0,
    plaintextBackup: false,
    deletionAllowed: false,
    softDeleted: false,
    autoRotateSeconds: 0,
  };
  rotateTransitKey(clock, key);
  return key;
}

export function keyType(type: string): KeyType {
  const known = Object.hasOwn(keyTypes, type) ? keyTypes[type] : undefined;
  if (known === undefined) throw new Refusal(400, `unknown key type ${type}`);
  return known;
}

export function rotateTransitKey(clock: Clock, key: TransitKey): void {
  key.latest += 1;
  key.versions.set(key.latest, { ...newMaterial(keyType(key.type)), createdAt: clock.now() });
}

/** A rotation period that ended while nobody asked. */
export function rotateWhenDue(clock: Clock, key: TransitKey): void {
  const last = key.versions.get(key.latest);
  if (key.autoRotateSeconds === 0 || key.softDeleted || last === undefined) return;
  if (clock.now() - last.createdAt >= key.autoRotateSeconds * 1000) rotateTransitKey(clock, key);
}

/** How `keys/NAME` shows it. */
export function describeTransitKey(key: TransitKey): Record<string, unknown> {
  const { kind } = keyType(key.type);
  return {
    allow_plaintext_backup: key.plaintextBackup,
    auto_rotate_period: key.autoRotateSeconds,
    ...(key.derived ? { convergent_encryption: key.convergent } : {}),
    ...(key.convergent ? { convergent_encryption_version: -1 } : {}),
    deletion_allowed: key.deletionAllowed,
    derived: key.derived,
    exportable: key.exportable,
    imported_key: false,
    ...(key.derived ? { kdf: "hkdf_sha256" } : {}),
    keys: Object.fromEntries(
      [...key.versions]
        .filter(([version]) => version >= key.minDecryption)
        .map(([version, made]) => [String(version), describeVersion(key, made)]),
    ),
    latest_version: key.latest,
    min_available_version: key.minAvailable,
    min_decryption_version: key.minDecryption,
    min_encryption_version: key.minEncryption,
    name: key.name,
    soft_deleted: key.softDeleted,
    supports_decryption: kind !== "signing",
    supports_derivation: kind !== "rsa",
    supports_encryption: kind !== "signing",
    supports_signing: kind !== "aead",
    type: key.type,
  };
}

function describeVersion({ type }: TransitKey, { publicKey, createdAt }: KeyVersion): unknown {
  if (publicKey === undefined) return Math.floor(createdAt / 1000);
  return { certificate_chain: "", creation_time: new Date(createdAt).toISOString(), name: type, public_key: publicKey };
}

function newMaterial({ kind, size }: KeyType): Omit<KeyVersion, "createdAt"> {
  if (kind === "aead") return { material: createSecretKey(randomBytes(size)), publicKey: undefined };
  if (kind === "rsa") {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: size });
    return { material: privateKey, publicKey: String(publicKey.export({ type: "spki", format: "pem" })) };
  }
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { material: privateKey, publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64") };
}
