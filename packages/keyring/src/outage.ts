import { LetterlockError } from "@letterlock/core";
import type { ReadPolicy } from "./policy.ts";

/** The time in which the provider cannot be asked for keys. */
export interface Outage {
  /** Whether a renewal that has grace to fall back on is worth a call: always while there is no outage, and for one of all that ask in a while during one. */
  takeTurn(): boolean;
  /** A renewal found the provider away. Where enough KEKs answered since the last one that did, this is another outage. */
  began(): void;
  ended(): void;
  /** Until when, by `performance.now`, grace allows a key that was opened then; undefined when it does not. */
  graceUntil(openedAt: number): number | undefined;
  /** The error, which says since when, and what grace there was for a key that was in memory. */
  explain(error: unknown, wasInMemory: boolean): unknown;
}

/** During an outage the provider is asked once in this time, by one renewal for all; each key asks its store as often whether it was destroyed. */
const askAgainMs = 1_000;

/** `answers` tells how often each KEK answered; `isEnough`, whether nothing is away when these of them did. */
export function createOutage(
  { maxAgeMs, graceMs }: Pick<ReadPolicy, "maxAgeMs" | "graceMs">,
  answers: () => readonly number[],
  isEnough: (hasAnswered: readonly boolean[]) => boolean,
): Outage {
  let answersThen: readonly number[] = [];
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
      const answersNow = answers();
      if (since === undefined || isEnough(answersNow.map((count, kek) => count !== answersThen[kek]))) {
        since = { monotonic: performance.now(), wall: Date.now() };
      }
      answersThen = answersNow;
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
