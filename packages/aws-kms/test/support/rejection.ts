import { LetterlockError } from "@letterlock/core";

/** What a promise rejects with; a failure if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => ({ rejected: false, reason: undefined }),
    (reason: unknown) => ({ rejected: true, reason }),
  );
  if (!outcome.rejected) throw new Error("nothing was rejected");
  return outcome.reason;
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const reason = await rejectionOf(promise);
  return LetterlockError.is(reason) ? reason.code : String(reason);
}
