import { AwsKmsError, validation } from "./aws-kms-error.ts";
import { createKey, keyOf } from "./create-key.ts";
import { flag, oneOf, optionalText, tags, text } from "./fields.ts";
import { algorithmsOf, usageOf } from "./key-spec.ts";
import { describe, requireNotPending, requireUsable } from "./kms-key.ts";
import { allowedKey, type Operations } from "./operation.ts";
import { page } from "./page.ts";
import { readPolicyFor } from "./policy-operations.ts";

export const keyOperations: Operations = {
  async CreateKey(call) {
    const { fields, caller, service } = call;
    const spec = optionalText(fields, "KeySpec") ?? optionalText(fields, "CustomerMasterKeySpec") ?? "SYMMETRIC_DEFAULT";
    const key = await createKey(caller, {
      spec,
      usage: usageOf(spec, optionalText(fields, "KeyUsage")),
      origin: oneOf(fields, "Origin", ["AWS_KMS", "EXTERNAL"], "AWS_KMS"),
      multiRegion: flag(fields, "MultiRegion"),
      description: optionalText(fields, "Description") ?? "",
      policy: readPolicyFor(call, caller),
      tags: tags(fields),
    });
    service.store.add(key);
    return { KeyMetadata: describe(key, [key]) };
  },

  ReplicateKey(call) {
    const { fields, caller, service } = call;
    const primary = allowedKey(call, text(fields, "KeyId"));
    const { family } = primary;
    if (!family.multiRegion || family.primaryRegion !== caller.region) {
      throw new AwsKmsError("UnsupportedOperationException", `${primary.arn} is not a multi-region primary key.`);
    }
    requireUsable(primary);
    const region = text(fields, "ReplicaRegion");
    if (service.store.replicasOf(family).some((replica) => replica.region === region)) {
      throw new AwsKmsError("AlreadyExistsException", `Unable to replicate key: a replica of ${primary.arn} exists in ${region}`);
    }
    if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) throw validation(`${region} is not a region`);
    const place = { region, account: caller.account };
    const description = optionalText(fields, "Description") ?? "";
    const replica = keyOf(place, { description, policy: readPolicyFor(call, place), tags: tags(fields) }, family);
    service.store.add(replica);
    return {
      ReplicaKeyMetadata: describe(replica, service.store.replicasOf(family)),
      ReplicaPolicy: replica.policy.document,
      ReplicaTags: [...replica.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    };
  },

  DescribeKey(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    return { KeyMetadata: describe(key, call.service.store.replicasOf(key.family)) };
  },

  ListKeys({ fields, caller, service }) {
    const { items, end } = page(service.store.keysIn(caller.region), ({ arn }) => arn, fields, { most: 1000, otherwise: 100 });
    return { Keys: items.map(({ arn, family }) => ({ KeyId: family.keyId, KeyArn: arn })), ...end };
  },

  EnableKey(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    key.state = "Enabled";
    return undefined;
  },

  DisableKey(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    key.state = "Disabled";
    return undefined;
  },

  UpdateKeyDescription(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    key.description = text(call.fields, "Description");
    return undefined;
  },

  GetPublicKey(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    const { pair, spec, usage } = key.family;
    if (pair === undefined) throw new AwsKmsError("UnsupportedOperationException", `${key.arn} is not an asymmetric key.`);
    requireUsable(key);
    return {
      KeyId: key.arn,
      PublicKey: pair.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      ...algorithmsOf(spec, usage),
    };
  },
};
