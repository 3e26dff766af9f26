import { LetterlockError } from "@letterlock/core";

/** The time in which the provider cannot be asked for keys. */
export interface Outage {
  /** Whether a renewal that has grace to fall back on is worth a call: always while there is no outage, and for one of all that ask in a while during one. */
  takeTurn(): boolean;
  /** A renewal found the provider away. */
  began(): void;
  ended(): void;
  /** Until when, by `performance.now`, grace allows a key that was opened then; undefined when it does not. */
  graceUntil(openedAt: number): number | undefined;
  /** The error, which says since when, and what grace there was for a key that was in memory. */
  explain(error: unknown, wasInMemory: boolean): unknown;
}

/** During an outage the provider is asked once in this time, by one renewal for all; each key asks its store as often whether it was destroyed. */
const askAgainMs = 1_000;

export function createOutage(maxAgeMs: number, graceMs: number): Outage {
  let since: { readonly monotonic: number; readonly wall: number } | undefined;
  let askAgainAt = 0;
  return {
    takeTurn() {
      const now = performance.now();
      if (since !== undefined && now < askAgainAt) return false;
      askAgainAt = now + askAgainMs;
      return true;
    },
    began() {
      since ??= { monotonic: performance.now(), wall: Date.now() };
      askAgainAt = performance.now() + askAgainMs;
    },
    ended() {
      since = undefined;
    },
    graceUntil(openedAt) {
      if (since === undefined) return undefined;
      const end = Math.min(since.monotonic, openedAt + maxAgeMs) + graceMs;
      const now = performance.now();
      return now < end ? Math.min(end, now + askAgainMs) : undefined;
    },
    explain(error, wasInMemory) {
      if (since === undefined || !LetterlockError.is(error)) return error;
      const when = new Date(since.wall).toISOString();
      const grace = wasInMemory ? `the grace of ${graceMs} ms is over` : "this key is not in memory";
      return new LetterlockError(error.code, `${error.message} (away since ${when}, and ${grace})`, {
        provider: error.provider,
        keyRef: error.keyRef,
        attempts: error.attempts,
        cause: error.cause,
      });
    },
  };
}
