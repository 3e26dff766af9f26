import type { KeyObject } from "node:crypto";
import { AwsKmsError } from "./aws-kms-error.ts";
import type { Grant } from "./grant.ts";
import type { KeyPolicy } from "./key-policy.ts";
import { algorithmsOf } from "./key-spec.ts";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion" | "PendingReplicaDeletion" | "PendingImport";

/** One generation of a symmetric key. Rotation adds one; none is ever taken away. */
export interface KeyMaterial {
  /** 64 hex digits. */
  readonly id: string;
  readonly secret: KeyObject;
}

export interface Rotation {
  readonly materialId: string;
  readonly date: number;
  readonly type: "ON_DEMAND" | "AUTOMATIC";
}

/** What the replicas of a multi-Region key share. Any other key is alone in its family. */
export interface KeyFamily {
  readonly keyId: string;
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly primaryRegion: string;
  /** Oldest first; the last one encrypts. Empty for asymmetric keys and for one without its imported material. */
  readonly materials: KeyMaterial[];
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  readonly rotations: Rotation[];
  rotationPeriodInDays: number | undefined;
}

export interface KmsKey {
  readonly family: KeyFamily;
  readonly region: string;
  readonly account: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly grants: Map<string, Grant>;
  state: KeyState;
  description: string;
  policy: KeyPolicy;
  deletion: { readonly windowInDays: number; readonly date: number } | undefined;
}

/** The wire's seconds since the epoch. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

export function describe(key: KmsKey, replicas: readonly KmsKey[]): Record<string, unknown> {
  const { family, deletion } = key;
  return {
    AWSAccountId: key.account,
    KeyId: family.keyId,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: family.usage,
    KeyState: key.state,
    Origin: family.origin,
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: family.spec,
    KeySpec: family.spec,
    ...algorithmsOf(family.spec, family.usage),
    MultiRegion: family.multiRegion,
    ...(family.multiRegion && { MultiRegionConfiguration: multiRegionConfiguration(key, replicas) }),
    ...(key.state === "PendingDeletion" && deletion && { DeletionDate: seconds(deletion.date) }),
    ...(key.state === "PendingReplicaDeletion" && deletion && { PendingDeletionWindowInDays: deletion.windowInDays }),
    ...(family.materials.length > 0 && { CurrentKeyMaterialId: currentMaterial(family).id }),
  };
}

export function currentMaterial({ materials }: KeyFamily): KeyMaterial {
  const current = materials.at(-1);
  if (current === undefined) throw new AwsKmsError("KMSInternalException");
  return current;
}

/** Keys that encrypt and decrypt must be enabled. */
export function requireUsable(key: KmsKey): void {
  if (key.state === "Disabled") throw new AwsKmsError("DisabledException", `${key.arn} is disabled.`);
  requireNotPending(key);
}

export function requireNotPending({ arn, state }: KmsKey): void {
  if (state === "PendingDeletion" || state === "PendingReplicaDeletion") throw invalidState(`${arn} is pending deletion.`);
  if (state === "PendingImport") throw invalidState(`${arn} is pending import.`);
}

export function invalidState(text: string): AwsKmsError {
  return new AwsKmsError("KMSInvalidStateException", text);
}

export function requireUsage(key: KmsKey, usage: string, operation: string): void {
  if (key.family.usage === usage) return;
  throw new AwsKmsError("InvalidKeyUsageException", `${key.arn} key usage is ${key.family.usage} which is not valid for ${operation}.`);
}

function multiRegionConfiguration(key: KmsKey, replicas: readonly KmsKey[]): Record<string, unknown> {
  const { primaryRegion } = key.family;
  const named = (one: KmsKey): Record<string, unknown> => ({ Arn: one.arn, Region: one.region });
  const primary = replicas.find(({ region }) => region === primaryRegion) ?? key;
  return {
    MultiRegionKeyType: key.region === primaryRegion ? "PRIMARY" : "REPLICA",
    PrimaryKey: named(primary),
    ReplicaKeys: replicas.filter(({ region }) => region !== primaryRegion).map(named),
  };
}
