/** When requests reached a service, as its log tells: looked at so often that a request is noted within the turn of the event loop in which it was handled. */
export interface RequestWatch {
  /** In milliseconds. */
  readonly at: readonly number[];
  stop(): void;
}

export function watchRequests(takeRequests: () => readonly unknown[]): RequestWatch {
  const at: number[] = [];
  const take = (): void => {
    const now = performance.now();
    for (const _ of takeRequests()) at.push(now);
  };
  const timer = setInterval(take, 1);
  return {
    at,
    stop() {
      clearInterval(timer);
      take();
    },
  };
}

/** The most of them in any second, wherever it begins. */
export function mostInASecond(at: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [last, time] of at.entries()) {
    while (time - (at[first] ?? time) >= 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
