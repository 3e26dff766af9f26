import { AwsKmsError } from "./aws-kms-error.ts";
import { rotate } from "./create-key.ts";
import { integer, oneOf, text } from "./fields.ts";
import { currentMaterial, type KeyFamily, type KmsKey, requireUsable, seconds } from "./kms-key.ts";
import { allowedKey, type Operations } from "./operation.ts";
import { page } from "./page.ts";

/** KMS developer guide, "Perform on-demand key rotation". It was 10 before. */
const mostOnDemandRotations = 25;
const dayMs = 24 * 60 * 60 * 1000;

export const rotationOperations: Operations = {
  RotateKeyOnDemand(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireUsable(key);
    requireRotatable(key);
    const { family } = key;
    if (family.rotations.filter(({ type }) => type === "ON_DEMAND").length >= mostOnDemandRotations) {
      throw new AwsKmsError(
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key.",
      );
    }
    rotate(family, "ON_DEMAND");
    return { KeyId: key.arn };
  },

  EnableKeyRotation(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireUsable(key);
    requireRotatable(key);
    key.family.rotationPeriodInDays = integer(call.fields, "RotationPeriodInDays", [90, 2560]) ?? 365;
    return undefined;
  },

  DisableKeyRotation(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireUsable(key);
    requireRotatable(key);
    key.family.rotationPeriodInDays = undefined;
    return undefined;
  },

  GetKeyRotationStatus(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireGenerations(key);
    const { rotationPeriodInDays: days } = key.family;
    const started = key.family.rotations.at(-1)?.date ?? key.createdAt;
    return {
      KeyId: key.arn,
      KeyRotationEnabled: days !== undefined,
      ...(days !== undefined && { RotationPeriodInDays: days, NextRotationDate: seconds(started + days * dayMs) }),
    };
  },

  ListKeyRotations(call) {
    const { fields } = call;
    const key = allowedKey(call, text(fields, "KeyId"));
    requireGenerations(key);
    const which = oneOf(fields, "IncludeKeyMaterial", ["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"], "ROTATIONS_ONLY");
    const entries = which === "ALL_KEY_MATERIAL" ? [firstMaterial(key), ...rotationsOf(key)] : rotationsOf(key);
    const { items, end } = page(entries, ({ order }) => order, fields, { most: 1000, otherwise: 100 });
    return { Rotations: items.map(({ entry }) => entry), ...end };
  },
};

interface Listed {
  readonly order: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

function rotationsOf({ arn, family }: KmsKey): readonly Listed[] {
  return family.rotations.map(({ materialId, date, type }, index) => ({
    order: String(index + 1).padStart(6, "0"),
    entry: {
      KeyId: arn,
      KeyMaterialId: materialId,
      KeyMaterialState: stateOf(family, materialId),
      RotationDate: seconds(date),
      RotationType: type,
    },
  }));
}

function firstMaterial({ arn, family }: KmsKey): Listed {
  const id = family.materials[0]?.id ?? "";
  return { order: "000000", entry: { KeyId: arn, KeyMaterialId: id, KeyMaterialState: stateOf(family, id) } };
}

function stateOf(family: KeyFamily, materialId: string): "CURRENT" | "NON_CURRENT" {
  return currentMaterial(family).id === materialId ? "CURRENT" : "NON_CURRENT";
}

/** A multi-Region key is rotated where its primary key is. */
function requireRotatable(key: KmsKey): void {
  requireGenerations(key);
  const { arn, region, family } = key;
  if (family.multiRegion && family.primaryRegion !== region) {
    throw new AwsKmsError("UnsupportedOperationException", `${arn} is a replica, rotate its primary key.`);
  }
}

function requireGenerations({ arn, family }: KmsKey): void {
  if (family.materials.length > 0) return;
  throw new AwsKmsError("UnsupportedOperationException", `${arn} is not a symmetric encryption key made by the service.`);
}
