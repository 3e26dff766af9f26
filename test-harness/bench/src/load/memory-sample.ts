import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemorySample {
  readonly residentMiB: number;
  readonly heapMiB: number;
}

/** After a collection, so that what is left is what is held. */
export function sampleMemory(): MemorySample {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { rss, heapUsed } = process.memoryUsage();
  return { residentMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 };
}
