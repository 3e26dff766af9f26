import { race } from "./kek-call.ts";

/** Callers that want the same thing at the same time wait for one call. */
export interface Flights {
  /**
   * Starts `run`, or waits for the one that is under way. The flight has a signal of its own, which aborts when its last waiter has gone, so that one
   * caller's abort is not another's. A failure is shared only with callers that were there before the flight began: for them it is as fresh as their
   * own call would have been. Whoever joined later tries again. So a provider that is down is called at most twice for any number of callers.
   */
  join<T>(slot: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Flight {
  readonly number: number;
  readonly result: Promise<unknown>;
  readonly abort: AbortController;
  waiters: number;
}

export function flights(): Flights {
  const flying = new Map<string, Flight>();
  let started = 0;

  const forget = (slot: string, flight: Flight): void => {
    if (flying.get(slot) === flight) flying.delete(slot);
  };
  const start = (slot: string, run: (signal: AbortSignal) => Promise<unknown>): Flight => {
    const abort = new AbortController();
    const { promise: result, resolve } = Promise.withResolvers<unknown>();
    const flight: Flight = { number: ++started, result, abort, waiters: 0 };
    const landing = async (): Promise<unknown> => {
      try {
        return await run(abort.signal);
      } finally {
        forget(slot, flight);
      }
    };
    resolve(landing());
    // The last waiter may be gone when it fails.
    result.catch(() => undefined);
    flying.set(slot, flight);
    return flight;
  };
  const leave = (slot: string, flight: Flight): void => {
    flight.waiters--;
    if (flight.waiters > 0) return;
    flight.abort.abort();
    forget(slot, flight);
  };
  return {
    join: async <T>(slot: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      const arrived = started;
      for (;;) {
        const flight = flying.get(slot) ?? start(slot, run);
        flight.waiters++;
        try {
          return (await race(signal, () => flight.result)) as T;
        } catch (error) {
          if (signal.aborted || flight.number > arrived) throw error;
        } finally {
          leave(slot, flight);
        }
      }
    },
  };
}
