import { aroundKek, type Kek } from "@letterlock/core";

/** What a provider's SDK may take for one call, its own retries and the search for credentials included, before the next KEK is tried. */
const defaultDeadlineMs = 30_000;

/** A KEK whose calls end as "unavailable" after so many milliseconds, 30,000 by default, whether their SDK heeds an abort or not. */
export function withDeadlines(kek: Kek, deadlineMs: number = defaultDeadlineMs): Kek {
  return aroundKek(kek, async (_operation, call, run) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const { promise: passed, reject } = Promise.withResolvers<never>();
    deadline.addEventListener("abort", () => reject(deadline.reason), { once: true });
    const running = run({ signal: AbortSignal.any([call.signal, deadline]) });
    try {
      return await Promise.race([running, passed]);
    } catch (error) {
      if (!deadline.aborted || call.signal.aborted) throw error;
      running.then(forget, () => {});
      // Each SDK has its own error for an abort; the TimeoutError of the deadline is the one that core knows.
      throw deadline.reason;
    } finally {
      passed.catch(() => {});
    }
  });
}

/** A data key that came too late. */
function forget(result: unknown): void {
  const { dataKey = result } = (result ?? {}) as { readonly dataKey?: unknown };
  if (dataKey instanceof Uint8Array) dataKey.fill(0);
}
