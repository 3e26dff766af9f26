import { validation } from "./aws-kms-error.ts";
import { integer, text } from "./fields.ts";
import { invalidState, type KmsKey, requireNotPending, seconds } from "./kms-key.ts";
import { allowedKey, type Operations } from "./operation.ts";

const dayMs = 24 * 60 * 60 * 1000;

export const deletionOperations: Operations = {
  ScheduleKeyDeletion(call) {
    const { fields, service } = call;
    const key = allowedKey(call, text(fields, "KeyId"));
    const windowInDays = integer(fields, "PendingWindowInDays", [1, 365]) ?? 30;
    if (windowInDays < 7 || windowInDays > 30) {
      throw validation(`PendingWindowInDays should be between 7 and 30, but it is ${windowInDays}`);
    }
    if (key.state !== "PendingImport") requireNotPending(key);
    const waitsForReplicas = key.region === key.family.primaryRegion && service.store.replicasOf(key.family).length > 1;
    key.state = waitsForReplicas ? "PendingReplicaDeletion" : "PendingDeletion";
    key.deletion = { windowInDays, date: Date.now() + windowInDays * dayMs };
    return {
      KeyId: key.arn,
      ...(!waitsForReplicas && { DeletionDate: seconds(key.deletion.date) }),
      KeyState: key.state,
      PendingWindowInDays: windowInDays,
    };
  },

  CancelKeyDeletion(call) {
    const key = allowedKey(call, text(call.fields, "KeyId"));
    if (!isPending(key)) throw invalidState(`${key.arn} is not pending deletion.`);
    key.state = key.family.origin === "EXTERNAL" ? "PendingImport" : "Disabled";
    key.deletion = undefined;
    return { KeyId: key.arn };
  },
};

function isPending({ state }: KmsKey): boolean {
  return state === "PendingDeletion" || state === "PendingReplicaDeletion";
}
