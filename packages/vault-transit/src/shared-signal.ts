/** The signal of work that several callers wait for: it aborts when every one of them has. */
export interface SharedSignal {
  readonly signal: AbortSignal;
  /** One more caller. Call what it returns when the work is done, however it ended. */
  join(caller: AbortSignal): () => void;
}

export function createSharedSignal(): SharedSignal {
  const controller = new AbortController();
  let waiting = 0;
  return {
    signal: controller.signal,
    join(caller) {
      const giveUp = (): void => {
        waiting -= 1;
        if (waiting === 0) controller.abort(caller.reason);
      };
      waiting += 1;
      caller.addEventListener("abort", giveUp, { once: true });
      if (caller.aborted) giveUp();
      return () => caller.removeEventListener("abort", giveUp);
    },
  };
}
