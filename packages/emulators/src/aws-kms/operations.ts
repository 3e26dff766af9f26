import { aliasOperations } from "./alias-operations.ts";
import { deletionOperations } from "./deletion-operations.ts";
import { encryptionOperations } from "./encryption-operations.ts";
import { grantOperations } from "./grant-operations.ts";
import { keyOperations } from "./key-operations.ts";
import type { Operations } from "./operation.ts";
import { policyOperations } from "./policy-operations.ts";
import { rotationOperations } from "./rotation-operations.ts";
import { tagOperations } from "./tag-operations.ts";

/** By the word that follows "TrentService." in the request. */
export const operations: Operations = {
  ...encryptionOperations,
  ...keyOperations,
  ...deletionOperations,
  ...rotationOperations,
  ...aliasOperations,
  ...tagOperations,
  ...policyOperations,
  ...grantOperations,
};
