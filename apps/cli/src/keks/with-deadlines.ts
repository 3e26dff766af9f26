import type { Kek } from "@letterlock/core";
import { timed } from "@letterlock/resilience";

/** What a provider's SDK may take for one call, its own retries and the search for credentials included, before the next KEK is tried. */
const defaultDeadlineMs = 30_000;

/** A KEK whose calls end as "unavailable" after so many milliseconds, 30,000 by default, whether their SDK heeds an abort or not. */
export function withDeadlines(kek: Kek, deadlineMs: number = defaultDeadlineMs): Kek {
  return timed(kek, { perAttemptMs: deadlineMs });
}
