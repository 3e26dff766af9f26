/** Milliseconds of many operations, in little memory. */
export interface Latencies {
  add(ms: number): void;
  /** `share` from 0 to 1: 0.99 for p99. 0 where nothing was added. */
  percentile(share: number): number;
}

export function createLatencies(most: number): Latencies {
  const all = new Float32Array(most);
  let count = 0;
  return {
    add(ms) {
      all[count] = ms;
      count += 1;
    },
    percentile(share) {
      const sorted = all.slice(0, Math.min(count, most)).sort();
      return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    },
  };
}
