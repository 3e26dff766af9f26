import { bindingOf, type Core, encryptionContext } from "./context.ts";
import { type Attempt, attempt, isRetryable, LetterlockError, type LetterlockErrorCode } from "./error.ts";
import type { KekCall, KekIdentity } from "./kek.ts";
import { kekErrorCode } from "./kek-error-code.ts";
import { name } from "./kek-list.ts";
import { suiteName, usageName } from "./suite.ts";

/** A function that makes the calls of one header: each gets its own copy of A, so that no KEK can change another's. */
export function kekCalls(core: Core, depth: 1 | 2 | 3, signal: AbortSignal): () => KekCall {
  const pairs = encryptionContext(core);
  return () =>
    Object.freeze({
      associatedData: bindingOf(core),
      encryptionContext: pairs,
      suite: suiteName(core.suite),
      usage: usageName(core.usage),
      depth,
      signal,
    });
}

/**
 * Waits for a KEK no longer than the signal allows: the abort rejects with `signal.reason`, even where the KEK ignores it. `late` gets a result that
 * nobody waits for any more, so that a key in it can be zeroed.
 */
export function race<T>(signal: AbortSignal, run: () => Promise<T>, late?: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (answer: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) reject(signal.reason);
      else answer();
    };
    (async () => run())().then(
      (result) => {
        if (signal.aborted) late?.(result);
        settle(() => resolve(result));
      },
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

export function failedAttempt(kek: KekIdentity, error: unknown): Attempt {
  return attempt({ provider: kek.provider, keyRef: kek.keyRef, code: kekErrorCode(kek, error), cause: error });
}

export function attemptWithCode(kek: KekIdentity, code: LetterlockErrorCode): Attempt {
  return attempt({ provider: kek.provider, keyRef: kek.keyRef, code, cause: undefined });
}

/** One KEK that had to work failed. */
export function kekFailure(kek: KekIdentity, verb: string, failure: Attempt): LetterlockError {
  return new LetterlockError(failure.code, `${name(kek)} could not ${verb}: ${advice(failure.code)}`, {
    provider: kek.provider,
    keyRef: kek.keyRef,
    attempts: [failure],
    cause: failure.cause,
  });
}

/** SPEC 8.1, rules 1 to 4. */
export function outcome(attempts: readonly Attempt[]): LetterlockErrorCode {
  const retryable = attempts.find((a) => isRetryable(a.code));
  if (retryable !== undefined) return retryable.code;
  if (attempts.some((a) => a.code === "not-authentic")) return "not-authentic";
  return attempts[0]?.code ?? "no-matching-kek";
}

/** None of the attempts gave the data key. */
export function nothingOpened(attempts: readonly Attempt[]): LetterlockError {
  const code = outcome(attempts);
  const decisive = attempts.find((a) => a.code === code);
  if (decisive === undefined) return new LetterlockError(code, "no KEK of the list matches a recipient; see inspect for the recipients");
  const tried = attempts.map((a) => `${a.provider} ${a.keyRef}: ${a.code}`).join("; ");
  return new LetterlockError(code, `no KEK could unwrap the data key (${tried}): ${advice(code)}`, {
    provider: decisive.provider,
    keyRef: decisive.keyRef,
    attempts,
    cause: decisive.cause,
  });
}

function advice(code: LetterlockErrorCode): string {
  switch (code) {
    case "access-denied":
      return "access denied, check that there are credentials, that they are still valid, and what they may do with the key";
    case "kek-not-found":
      return "there is no such key or key version, check the name, the region and that it was not deleted";
    case "kek-unusable":
      return "the key is disabled, destroyed or of another type, enable it or configure another KEK";
    case "throttled":
      return "the provider throttles, retry later";
    case "unavailable":
      return "the provider did not answer, retry later";
    case "not-authentic":
      return "the wrapped key or the header was changed, or the configured key or context is not the one that wrapped it";
    default:
      return "the provider failed, see cause";
  }
}
