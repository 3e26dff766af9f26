import { setTimeout as wait } from "node:timers/promises";
import lockfile from "proper-lockfile";

/** Of a lock that is held: throws when another process has taken it, because this one did not show life for ten seconds. */
export type StillHeld = () => void;

/**
 * Runs with a lock that every writer of the place takes: `path` is a folder, made to hold it. A writer who was killed leaves it; it is taken over after ten seconds.
 * Rejects with the code ELOCKED when others hold it for about a minute.
 */
export async function withWriterLock<T>(place: string, path: string, run: (stillHeld: StillHeld) => Promise<T>): Promise<T> {
  let lost: Error | undefined;
  const take = (): Promise<() => Promise<void>> =>
    lockfile.lock(place, { lockfilePath: path, realpath: false, stale: staleMs, retries: 0, onCompromised: (error) => (lost = error) });
  const release = await patiently(take);
  try {
    return await run(() => {
      if (lost !== undefined) throw new Error("another writer has taken the lock: this process stood still for too long", { cause: lost });
    });
  } finally {
    if (lost === undefined) await release();
  }
}

const staleMs = 10_000;
const patienceMs = 60_000;

/** The library's own patience would try again after every error, also where nobody may make a lock. */
async function patiently<T>(take: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let pauseMs = 2; ; pauseMs = Math.min(200, pauseMs * 1.3)) {
    try {
      return await take();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED" || performance.now() - began > patienceMs) throw error;
    }
    await wait(pauseMs * (0.5 + Math.random()));
  }
}
