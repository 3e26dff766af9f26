import lockfile from "proper-lockfile";

/** Of a lock that is held: throws when another process has taken it, because this one did not show life for ten seconds. */
export type StillHeld = () => void;

/**
 * Runs with a lock that every writer of the place takes: `path` is a folder, made to hold it. A writer who was killed leaves it; it is taken over after ten seconds.
 * Rejects with the code ELOCKED when others hold it for about a minute.
 */
export async function withWriterLock<T>(place: string, path: string, run: (stillHeld: StillHeld) => Promise<T>): Promise<T> {
  let lost: Error | undefined;
  const release = await lockfile.lock(place, {
    lockfilePath: path,
    realpath: false,
    stale: 10_000,
    retries: { retries: 300, factor: 1.3, minTimeout: 2, maxTimeout: 200, randomize: true },
    onCompromised: (error) => {
      lost = error;
    },
  });
  try {
    return await run(() => {
      if (lost !== undefined) throw new Error("another writer has taken the lock: this process stood still for too long", { cause: lost });
    });
  } finally {
    if (lost === undefined) await release();
  }
}
