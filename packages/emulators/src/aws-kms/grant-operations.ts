import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { AwsKmsError, validation } from "./aws-kms-error.ts";
import { context, type Fields, isMap, optionalText, text, texts } from "./fields.ts";
import type { Grant } from "./grant.ts";
import { type KmsKey, requireUsable, seconds } from "./kms-key.ts";
import { allowedKey, type OperationCall, type Operations } from "./operation.ts";
import { page } from "./page.ts";

export const grantOperations: Operations = {
  CreateGrant(call) {
    const { fields, service } = call;
    const key = allowedKey(call, text(fields, "KeyId"));
    requireUsable(key);
    const operations = texts(fields, "Operations");
    if (operations.length === 0) throw validation("Operations must not be empty");
    const constraints = isMap(fields.Constraints) ? fields.Constraints : {};
    const now = Date.now();
    const grant: Grant = {
      id: randomBytes(32).toString("hex"),
      token: Buffer.from(randomBytes(96)).toString("base64"),
      name: optionalText(fields, "Name"),
      grantee: text(fields, "GranteePrincipal"),
      retiring: optionalText(fields, "RetiringPrincipal"),
      operations,
      equals: constraint(constraints, "EncryptionContextEquals"),
      subset: constraint(constraints, "EncryptionContextSubset"),
      createdAt: now,
      settledAt: now + service.grantDelayMs,
    };
    key.grants.set(grant.id, grant);
    return { GrantId: grant.id, GrantToken: grant.token };
  },

  ListGrants(call) {
    const { fields } = call;
    const key = allowedKey(call, text(fields, "KeyId"));
    const [id, grantee] = [optionalText(fields, "GrantId"), optionalText(fields, "GranteePrincipal")];
    const found = [...key.grants.values()].filter(
      (grant) => (id === undefined || grant.id === id) && (grantee === undefined || grant.grantee === grantee),
    );
    const { items, end } = page(found, (grant) => grant.id, fields, { most: 100, otherwise: 50 });
    return { Grants: items.map((grant) => listed(key, grant)), ...end };
  },

  RevokeGrant(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    remove(key, text(call.fields, "GrantId"));
    return undefined;
  },

  RetireGrant(call) {
    const { fields, service, caller } = call;
    const token = optionalText(fields, "GrantToken");
    if (token === undefined) {
      remove(service.store.find(text(fields, "KeyId"), caller), text(fields, "GrantId"));
      return undefined;
    }
    const { key, grant } = byToken(call, token);
    remove(key, grant.id);
    return undefined;
  },
};

function constraint(constraints: Fields, name: string): Grant["equals"] {
  return constraints[name] === undefined ? undefined : context(constraints, name);
}

function listed(key: KmsKey, { id, name, grantee, retiring, operations, equals, subset, createdAt }: Grant): Fields {
  return {
    KeyId: key.arn,
    GrantId: id,
    Name: name ?? "",
    CreationDate: seconds(createdAt),
    GranteePrincipal: grantee,
    RetiringPrincipal: retiring,
    IssuingAccount: `arn:aws:iam::${key.account}:root`,
    Operations: operations,
    ...((equals || subset) && { Constraints: { EncryptionContextEquals: equals, EncryptionContextSubset: subset } }),
  };
}

function remove(key: KmsKey, grantId: string): void {
  if (!key.grants.delete(grantId)) throw new AwsKmsError("NotFoundException", `Grant ID ${grantId} not found`);
}

function byToken({ service, caller }: OperationCall, token: string): { key: KmsKey; grant: Grant } {
  for (const key of service.store.keysIn(caller.region)) {
    for (const grant of key.grants.values()) if (grant.token === token) return { key, grant };
  }
  throw new AwsKmsError("InvalidGrantTokenException");
}
