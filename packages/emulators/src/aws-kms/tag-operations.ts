import { tags, text, texts } from "./fields.ts";
import { requireNotPending } from "./kms-key.ts";
import { allowedKey, type Operations } from "./operation.ts";
import { page } from "./page.ts";

export const tagOperations: Operations = {
  TagResource(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    for (const [name, value] of tags(call.fields)) key.tags.set(name, value);
    return undefined;
  },

  UntagResource(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    requireNotPending(key);
    for (const name of texts(call.fields, "TagKeys")) key.tags.delete(name);
    return undefined;
  },

  ListResourceTags(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    const { items, end } = page([...key.tags], ([name]) => name, call.fields, { most: 50, otherwise: 50 });
    return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...end };
  },
};
