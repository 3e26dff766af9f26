import { LetterlockError } from "@letterlock/core";
import { isTimeout, untilAborted } from "./until-aborted.ts";

/** One run for all who ask for the same thing at the same time. A caller who leaves does not end it; a failure is told to those who wait for it, and not kept. */
export interface Flights {
  join<T>(name: string, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** A run ends after `limitMs`, so that nobody joins one that hangs. */
export function createFlights(limitMs: number): Flights {
  const flying = new Map<string, Promise<unknown>>();
  return {
    async join<T>(name: string, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
      signal?.throwIfAborted();
      let flight = flying.get(name) as Promise<T> | undefined;
      if (flight === undefined) {
        flight = limited(limitMs, run).finally(() => flying.delete(name));
        flying.set(name, flight);
      }
      return signal === undefined ? flight : await untilAborted(flight, signal);
    },
  };
}

async function limited<T>(limitMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await untilAborted(run(limit), limit);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new LetterlockError("unavailable", `the key could not be fetched within ${limitMs} ms: retry later`, { cause: error });
  }
}
