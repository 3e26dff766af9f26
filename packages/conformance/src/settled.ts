import { type KekErrorCode, type KekIdentity, type KekOperation, kekErrorCode, LetterlockError } from "@letterlock/core";
import { failure } from "./failure.ts";
import type { Trial } from "./trial.ts";
import { within } from "./within.ts";

/** What a call to a KEK came to. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown; readonly code: KekErrorCode };

/** Runs a call of a KEK and waits for it within the patience of the trial: a call that does not settle fails the case. */
export async function settled<T>(trial: Trial, kek: KekIdentity, operation: KekOperation, run: () => Promise<T>): Promise<Settled<T>> {
  const running = (async () => run())();
  return within(
    trial,
    `for ${operation} to settle`,
    running.then(
      (value) => ({ ok: true, value }),
      (error: unknown) => ({ ok: false, error, code: kekErrorCode(kek, error) }),
    ),
  );
}

/** The value of a call that has to work. Where it does not, the case fails with the code that the KEK gives. */
export async function succeeded<T>(trial: Trial, kek: KekIdentity, operation: KekOperation, run: () => Promise<T>): Promise<T> {
  const result = await settled(trial, kek, operation, run);
  if (result.ok) return result.value;
  const { provider, keyRef } = kek;
  throw new LetterlockError(result.code, `${operation} failed with ${result.code}`, { provider, keyRef, cause: result.error });
}

/** The error of a call that has to fail. `why` finishes "resolved although ...". */
export async function refused(
  trial: Trial,
  kek: KekIdentity,
  operation: KekOperation,
  run: () => Promise<unknown>,
  expected: { readonly codes: readonly KekErrorCode[]; readonly although: string },
): Promise<{ readonly error: unknown; readonly code: KekErrorCode }> {
  const result = await settled(trial, kek, operation, run);
  if (result.ok) throw failure(`${operation} succeeded although ${expected.although}`);
  if (!expected.codes.includes(result.code)) {
    throw failure(
      `${operation} failed with ${result.code} instead of ${expected.codes.join(" or ")} when ${expected.although}`,
      result.error,
      result.code,
    );
  }
  return result;
}
