/** The time that tokens and rotation periods are measured by: the machine's, and whatever it was put forward by. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  advance(ms: number): void;
}

export function createClock(): Clock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance(ms) {
      if (!(ms >= 0) || !Number.isFinite(ms)) throw new RangeError("advanceMs takes a number of milliseconds that is not negative");
      ahead += ms;
    },
  };
}
