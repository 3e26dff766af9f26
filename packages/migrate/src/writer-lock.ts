import { statSync } from "node:fs";
import { rmdir, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import lockfile from "proper-lockfile";

/** Of a lock that is held: throws when another process has taken it, because this one did not show life for ten seconds. */
export type StillHeld = () => void;

/** How long a lock that shows no life is respected, in milliseconds: ten seconds by default. Shorter in tests. */
export interface WriterLockOptions {
  readonly staleMs?: number | undefined;
}

/**
 * Runs with a lock that every writer of a place takes: `path` is a folder, made to hold it. A writer who was killed leaves it; it is taken over after ten seconds in which
 * it was watched and did not change. No clock that anybody sets has a part in that. Rejects with the code ELOCKED when others hold it for about a minute.
 */
export async function withWriterLock<T>(
  path: string,
  run: (stillHeld: StillHeld) => Promise<T>,
  { staleMs = 10_000 }: WriterLockOptions = {},
): Promise<T> {
  let lost: Error | undefined;
  // The library would compare the lock's time with the wall clock, which may jump: its own staleness never comes.
  const never = { stale: Number.POSITIVE_INFINITY, update: staleMs / 2, retries: 0 };
  const take = (): Promise<() => Promise<void>> =>
    lockfile.lock(path, { ...never, lockfilePath: path, realpath: false, onCompromised: (error) => (lost = error) });
  const release = await patiently(take, path, staleMs);
  try {
    const mine = identityOf(path);
    return await run(() => {
      if (lost !== undefined || mine === undefined || identityOf(path) !== mine)
        throw new Error("another writer has taken the lock: this process stood still for too long", { cause: lost });
    });
  } finally {
    if (lost === undefined) await release();
  }
}

const patienceMs = 60_000;

/** The library's own patience would try again after every error, also where nobody may make a lock. */
async function patiently<T>(take: () => Promise<T>, path: string, staleMs: number): Promise<T> {
  const began = performance.now();
  const lifeless = watch(path);
  for (let pauseMs = 2; ; pauseMs = Math.min(200, pauseMs * 1.3)) {
    try {
      return await take();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED" || performance.now() - began > patienceMs) throw error;
    }
    if ((await lifeless()) > staleMs) await rmdir(path).catch(() => undefined);
    else await wait(pauseMs * (0.5 + Math.random()));
  }
}

/** For how long the lock has been as it is, as far as this process looked on. Where this process stood still, so may have the other. */
function watch(path: string): () => Promise<number> {
  let seen: string | undefined;
  let lookedAt = performance.now();
  let quietMs = 0;
  return async () => {
    const now = await stat(path, { bigint: true }).then(
      ({ ino, ctimeNs }) => `${ino}:${ctimeNs}`,
      () => undefined,
    );
    const elapsedMs = Math.min(performance.now() - lookedAt, longestLookMs);
    lookedAt = performance.now();
    quietMs = now !== undefined && now === seen ? quietMs + elapsedMs : 0;
    seen = now;
    return quietMs;
  };
}

/** Two looks are at most 300 milliseconds apart, unless this process stands still. */
const longestLookMs = 500;

/** A folder that another process made in its place is another one, also where the inode is used again. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}
