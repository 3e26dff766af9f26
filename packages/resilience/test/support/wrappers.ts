import type { Kek } from "@letterlock/core";
import { bulkheaded, circuitBreaking, preferring, rateLimited, retrying, timed } from "../../src/index.ts";

const fast = { perSecond: 10_000, burst: 1_000 };
const patient = { perAttemptMs: 30_000 };

/** Each by itself, and all of them in the order of the README, set so that none of them gets in the way of a healthy call. */
export const wrappers: Readonly<Record<string, (kek: Kek) => Kek>> = {
  retrying: (kek) => retrying(kek, { attempts: 2 }),
  timed: (kek) => timed(kek, patient),
  circuitBreaking: (kek) => circuitBreaking(kek, { failures: 1 }),
  bulkheaded: (kek) => bulkheaded(kek, { concurrency: 2 }),
  rateLimited: (kek) => rateLimited(kek, fast),
  preferring: (kek) => preferring([kek])()[0] as Kek,
  "all of them": (kek) =>
    preferring([
      retrying(bulkheaded(circuitBreaking(rateLimited(timed(kek, patient), fast)), { concurrency: 8 }), { attempts: 2 }),
    ])()[0] as Kek,
};
