import { aroundKek, type KekUnwrapper, type KekWrapper, kekErrorCode } from "@letterlock/core";
import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import { checkCount, checkMs, checkNames } from "./checked.ts";
import { untilAbort } from "./until-abort.ts";

export interface CircuitBreakerOptions {
  /** How many calls in a row must find the provider unavailable before it is left alone; 5 by default. */
  readonly failures?: number | undefined;
  /** How long it is left alone before one call tries again, in milliseconds; 10,000 by default. */
  readonly halfOpenAfterMs?: number | undefined;
}

/** What a call found out: a refusal is an answer too. */
type Finding<T> = { readonly value: T } | { readonly refusal: unknown };

/**
 * Stops calling a provider that is away: after `failures` calls in a row that ended "unavailable", every call fails at once with that code, until one call,
 * `halfOpenAfterMs` later, gets an answer. Throttling and refusals are answers. One breaker for each KEK that this returns. While that one call tries, the
 * others fail at once, so put `timed` inside: a call that hangs finds nothing out.
 */
export function circuitBreaking<K extends KekWrapper | KekUnwrapper>(kek: K, options: CircuitBreakerOptions = {}): K {
  checkNames(options, ["failures", "halfOpenAfterMs"]);
  const { failures = 5, halfOpenAfterMs = 10_000 } = options;
  checkCount("failures", failures, 1);
  checkMs("halfOpenAfterMs", halfOpenAfterMs);
  // A test call whose caller left must not close the circuit; while the circuit is closed it counts for nothing.
  const isFailure = (error: unknown): boolean => !(error instanceof CallerLeft) || policy.state === CircuitState.HalfOpen;
  const policy = circuitBreaker(handleWhen(isFailure), { halfOpenAfter: halfOpenAfterMs, breaker: new ConsecutiveBreaker(failures) });
  return aroundKek(
    kek,
    async <T>(_operation: unknown, call: { readonly signal: AbortSignal }, run: () => Promise<T>): Promise<T> => {
      call.signal.throwIfAborted();
      // cockatiel would let them wait for the one that tries, for as long as that takes.
      if (policy.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
      try {
        const finding = await policy.execute(() => find(kek, call.signal, run));
        if ("refusal" in finding) throw finding.refusal;
        return finding.value;
      } catch (error) {
        throw error instanceof CallerLeft ? call.signal.reason : error;
      }
    },
    (error) => (error instanceof BrokenCircuitError ? "unavailable" : undefined),
  );
}

class CallerLeft extends Error {}

async function find<T>(kek: KekWrapper | KekUnwrapper, signal: AbortSignal, run: () => Promise<T>): Promise<Finding<T>> {
  try {
    return { value: await untilAbort(signal, run) };
  } catch (error) {
    if (signal.aborted) throw new CallerLeft();
    if (kekErrorCode(kek, error) === "unavailable") throw error;
    return { refusal: error };
  }
}
