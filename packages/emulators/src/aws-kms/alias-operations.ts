import { aliasArn } from "./arn.ts";
import { AwsKmsError } from "./aws-kms-error.ts";
import { optionalText, text } from "./fields.ts";
import type { Alias } from "./key-store.ts";
import { requireNotPending, seconds } from "./kms-key.ts";
import { allowedKey, type OperationCall, type Operations } from "./operation.ts";
import { page } from "./page.ts";

export const aliasOperations: Operations = {
  CreateAlias(call) {
    const { fields, caller, service } = call;
    const name = newAliasName(call);
    const arn = aliasArn(caller, name);
    const key = allowedKey(call, text(fields, "TargetKeyId"));
    requireNotPending(key);
    if (service.store.aliases.has(arn)) throw new AwsKmsError("AlreadyExistsException", `An alias with the name ${arn} already exists`);
    const now = Date.now();
    service.store.aliases.set(arn, {
      name,
      arn,
      region: caller.region,
      account: caller.account,
      keyId: key.family.keyId,
      createdAt: now,
      updatedAt: now,
    });
    return undefined;
  },

  UpdateAlias(call) {
    const alias = existingAlias(call);
    const key = allowedKey(call, text(call.fields, "TargetKeyId"));
    requireNotPending(key);
    alias.keyId = key.family.keyId;
    alias.updatedAt = Date.now();
    return undefined;
  },

  DeleteAlias(call) {
    const alias = existingAlias(call);
    allowedKey(call, alias.name);
    call.service.store.aliases.delete(alias.arn);
    return undefined;
  },

  ListAliases(call) {
    const { fields, caller, service } = call;
    const keyId = optionalText(fields, "KeyId");
    const only = keyId === undefined ? undefined : service.store.find(keyId, caller).family.keyId;
    const aliases = [...service.store.aliases.values()].filter(
      (alias) => alias.region === caller.region && (only === undefined || alias.keyId === only),
    );
    const { items, end } = page(aliases, ({ name }) => name, fields, { most: 100, otherwise: 50 });
    return {
      Aliases: items.map((alias) => ({
        AliasName: alias.name,
        AliasArn: alias.arn,
        TargetKeyId: alias.keyId,
        CreationDate: seconds(alias.createdAt),
        LastUpdatedDate: seconds(alias.updatedAt),
      })),
      ...end,
    };
  },
};

function newAliasName({ fields }: OperationCall): string {
  const name = text(fields, "AliasName");
  if (!/^alias\/[A-Za-z0-9/_-]{1,250}$/.test(name)) throw new AwsKmsError("InvalidAliasNameException", "Invalid alias name");
  if (name.startsWith("alias/aws/")) throw new AwsKmsError("NotAuthorizedException", "alias/aws/ is reserved");
  return name;
}

function existingAlias({ fields, caller, service }: OperationCall): Alias {
  const arn = aliasArn(caller, text(fields, "AliasName"));
  const alias = service.store.aliases.get(arn);
  if (alias === undefined) throw new AwsKmsError("NotFoundException", `Alias ${arn} is not found.`);
  return alias;
}
