import { Buffer } from "node:buffer";
import { createSecretKey, generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { keyArn, type Place } from "./arn.ts";
import type { KeyPolicy } from "./key-policy.ts";
import { keySpec } from "./key-spec.ts";
import type { KeyFamily, KeyMaterial, KmsKey, Rotation } from "./kms-key.ts";

const generatePair = promisify(generateKeyPair);

/** A key as somebody asks for it; its members are checked by then. */
export interface NewKey {
  readonly spec: string;
  readonly usage: string;
  /** AWS_KMS, or EXTERNAL for a key whose material is never imported here. */
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly description: string;
  readonly policy: KeyPolicy;
  readonly tags: ReadonlyMap<string, string>;
}

export async function createKey(place: Place, { spec, usage, origin, multiRegion, ...rest }: NewKey): Promise<KmsKey> {
  const pair = await newPair(spec);
  const symmetric = pair === undefined && usage === "ENCRYPT_DECRYPT" && origin === "AWS_KMS";
  return keyOf(place, rest, {
    keyId: multiRegion ? `mrk-${randomUUID().replaceAll("-", "")}` : randomUUID(),
    spec,
    usage,
    origin,
    multiRegion,
    primaryRegion: place.region,
    materials: symmetric ? [newMaterial()] : [],
    pair,
    rotations: [],
    rotationPeriodInDays: undefined,
  });
}

/** A key of a family: the first one, or a replica in another region. */
export function keyOf(
  place: Place,
  { description, policy, tags }: Pick<NewKey, "description" | "policy" | "tags">,
  family: KeyFamily,
): KmsKey {
  return {
    family,
    region: place.region,
    account: place.account,
    arn: keyArn(place, family.keyId),
    createdAt: Date.now(),
    description,
    policy,
    tags: new Map(tags),
    grants: new Map(),
    state: family.origin === "EXTERNAL" ? "PendingImport" : "Enabled",
    deletion: undefined,
  };
}

/** A new generation: it encrypts from now on, the older ones still decrypt. */
export function rotate({ materials, rotations }: KeyFamily, type: Rotation["type"]): void {
  const material = newMaterial();
  materials.push(material);
  rotations.push({ materialId: material.id, date: Date.now(), type });
}

function newMaterial(): KeyMaterial {
  return { id: randomBytes(32).toString("hex"), secret: createSecretKey(Buffer.from(randomBytes(32))) };
}

async function newPair(spec: string): Promise<KeyFamily["pair"]> {
  const { bits, curve } = keySpec(spec);
  if (bits !== undefined) return generatePair("rsa", { modulusLength: bits });
  return curve === undefined ? undefined : generatePair("ec", { namedCurve: curve });
}
