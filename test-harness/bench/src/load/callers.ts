import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

export interface CallersOptions {
  readonly times: number;
  /** How many at once. */
  readonly callers: number;
  /** Over how long the work is spread evenly; 0: as fast as it goes. */
  readonly overMs: number;
}

/** Runs `work` for 0 to `times - 1`. What is late is caught up with. */
export async function runCallers({ times, callers, overMs }: CallersOptions, work: (index: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  let next = 0;
  const isDue = (): boolean => overMs === 0 || next < ((performance.now() - began) / overMs) * times;
  const caller = async (): Promise<void> => {
    for (let done = 0; next < times; ) {
      if (!isDue()) {
        await wait(5);
        continue;
      }
      await work(next++);
      done += 1;
      // Calls that need no waiting would keep everybody else from theirs.
      if (done % 16 === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
