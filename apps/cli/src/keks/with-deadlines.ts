import { aroundKek, type Kek } from "@letterlock/core";

/** What a provider's SDK may take for one call, its own retries and the search for credentials included, before the next KEK is tried. */
const defaultDeadlineMs = 30_000;

/** A KEK whose calls end as "unavailable" after so many milliseconds; 30,000 by default. */
export function withDeadlines(kek: Kek, deadlineMs: number = defaultDeadlineMs): Kek {
  return aroundKek(kek, async (_operation, call, run) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      return await run({ signal: AbortSignal.any([call.signal, deadline]) });
    } catch (error) {
      // Each SDK has its own error for an abort; the TimeoutError of the deadline is the one that core knows.
      throw deadline.aborted && !call.signal.aborted ? deadline.reason : error;
    }
  });
}
