import { aroundKek, type Kek } from "@letterlock/core";
import { circuitBreaking, preferring, timed } from "@letterlock/resilience";

export interface Guarded {
  /** The KEKs in the order of their recent health. */
  order(): readonly Kek[];
  /** The calls that were really made to the first of them, with the milliseconds that each took. */
  readonly callsToFirst: readonly { readonly ok: boolean; readonly ms: number }[];
}

export interface GuardOptions {
  readonly perAttemptMs: number;
  /** How long a KEK that failed is left alone. */
  readonly leaveAloneMs: number;
}

/** As an application guards KEKs that can be lost: a time limit inside a circuit breaker, and the healthy ones first. */
export function guardedKeks([first, second]: readonly [Kek, Kek], { perAttemptMs, leaveAloneMs }: GuardOptions): Guarded {
  const callsToFirst: { ok: boolean; ms: number }[] = [];
  const counted = aroundKek(timed(first, { perAttemptMs }), async (_operation, _call, run) => {
    const began = performance.now();
    const note = (ok: boolean): unknown => callsToFirst.push({ ok, ms: performance.now() - began });
    try {
      const result = await run();
      note(true);
      return result;
    } catch (error) {
      note(false);
      throw error;
    }
  });
  const breaking = [counted, timed(second, { perAttemptMs })].map((kek) =>
    circuitBreaking(kek, { failures: 3, halfOpenAfterMs: leaveAloneMs }),
  );
  return { order: preferring(breaking, { forgetAfterMs: leaveAloneMs }), callsToFirst };
}
