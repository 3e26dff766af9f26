/** Two clocks: one that people set, and one that nobody sets. */
export interface Clocks {
  /** Since 1970. It may jump, in both directions. */
  wallMs(): number;
  /** Since the start of the machine, so that two processes can compare. It never goes back. */
  monotonicMs(): number;
}

export const systemClocks: Clocks = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
};
