import { setTimeout as delay } from "node:timers/promises";
import type { Trial } from "./trial.ts";

/** Asks again until the answer is not undefined, at most as long as the trial is patient. Undefined when it never came. */
export async function eventually<T>(trial: Trial, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = performance.now() + trial.patienceMs;
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 1.5, 1000)) {
    trial.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined || performance.now() >= end) return answer;
    await delay(Math.min(waitMs, Math.max(1, end - performance.now())));
  }
}
