import * as fc from "fast-check";
import { test } from "vitest";

/** The same runs again: FC_SEED=<seed>. fast-check prints seed, path and counterexample of a failure. */
export const seed: number = process.env.FC_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.FC_SEED);
console.info(`FC_SEED=${seed}`);

export function property<Ts extends [unknown, ...unknown[]]>(
  title: string,
  runs: number,
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  check: (...values: Ts) => Promise<void> | void,
  examples: Ts[] = [],
): void {
  test(`${title} (FC_SEED=${seed})`, { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(...arbitraries, async (...values: Ts) => check(...values)),
      { seed, numRuns: runs + examples.length, examples, endOnFailure: false },
    );
  });
}
