import { LetterlockError, type LetterlockErrorCode } from "../../src/index.ts";

/** What `promise` rejects with; a promise that resolves is a failure of the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

/** The LetterlockError that `promise` rejects with, whose code must be `code`. */
export async function letterlockError(promise: Promise<unknown>, code: LetterlockErrorCode): Promise<LetterlockError> {
  const error = await rejectionOf(promise);
  if (!LetterlockError.is(error)) throw new Error(`expected a LetterlockError, got ${String(error)}`, { cause: error });
  if (error.code !== code) throw new Error(`expected ${code}, got ${error.code}: ${error.message}`, { cause: error });
  return error;
}

/** What `run` throws before it returns. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected it to throw");
}
