import { setTimeout as wait } from "node:timers/promises";

/** How many objects are worked on at once: fewer when a provider throttles or is away, more again while it answers. */
export interface Pace {
  /** How many may be worked on now. */
  readonly concurrency: number;
  /** Begins at once or when it is its turn; the first to come is the first to go. `work` calls `leave` when others may go on, and does not throw. */
  begin(work: () => void): void;
  leave(): void;
  /** When there is room to wait for a turn; undefined: now. */
  room(): Promise<void> | undefined;
  /** The provider asked for patience: fewer at once. Whoever was refused lets others go on and resolves when it is its turn again, or when the signal aborts. */
  rest(attempt: number, retryAfterMs: number, signal: AbortSignal): Promise<void>;
  /** An object went through. */
  quicken(): void;
  /** Resolves when calls may be made; undefined: now. Throws or rejects with `signal.reason`. */
  ready(signal: AbortSignal): Promise<void> | undefined;
}

const longestPauseMs = 20_000;
/** A provider may ask for years, which no timer can wait for; it is asked again before. */
const longestAskedMs = 600_000;
/** As CUBIC does (RFC 9438, section 4.6): a half would leave more of a quota unused than it spares the provider. */
const decrease = 0.7;

/**
 * Additive increase, multiplicative decrease: one decrease in a pause, however many calls were refused together. A provider that refuses some calls goes on being asked by the
 * others, because its quota goes on filling; one that refuses a whole round, or says how long it wants to be left alone, is asked by nobody before the pause is over.
 */
export function createPace(concurrency: number, firstPauseMs: number): Pace {
  const waiting: (() => void)[] = [];
  let working = 0;
  let resting = 0;
  let allowed = concurrency;
  let refusedInARow = 0;
  let slowedUntil = 0;
  let readyAt = 0;
  let hasRoom: PromiseWithResolvers<void> | undefined;

  const isRoom = (): boolean => waiting.length + resting < concurrency;
  const next = (): void => {
    while (working < Math.floor(allowed)) {
      const work = waiting.shift();
      if (work === undefined) break;
      working += 1;
      work();
    }
    if (!isRoom()) return;
    hasRoom?.resolve();
    hasRoom = undefined;
  };
  const leave = (): void => {
    working -= 1;
    next();
  };
  /** How long whoever was refused rests. */
  const slow = (attempt: number, retryAfterMs: number): number => {
    const now = performance.now();
    const askedMs = retryAfterMs > 0 ? Math.min(longestAskedMs, retryAfterMs) : 0;
    // Full jitter, from half the pause on ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    const jitter = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    const pauseMs = Math.max(jitter, askedMs);
    refusedInARow += 1;
    if (askedMs > 0 || refusedInARow > allowed) readyAt = Math.max(readyAt, now + pauseMs);
    if (now >= slowedUntil) {
      allowed = Math.max(1, allowed * decrease);
      slowedUntil = Math.max(readyAt, now + firstPauseMs);
    }
    return pauseMs;
  };
  const pause = async (signal: AbortSignal): Promise<void> => {
    for (let left = readyAt - performance.now(); left > 0; left = readyAt - performance.now()) {
      await wait(left, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  };
  return {
    get concurrency() {
      return Math.floor(allowed);
    },
    begin(work) {
      waiting.push(work);
      next();
    },
    leave,
    room() {
      if (isRoom()) return undefined;
      hasRoom ??= Promise.withResolvers();
      return hasRoom.promise;
    },
    async rest(attempt, retryAfterMs, signal) {
      const pauseMs = slow(attempt, retryAfterMs);
      resting += 1;
      leave();
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
      resting -= 1;
      const turn = Promise.withResolvers<void>();
      waiting.unshift(turn.resolve);
      next();
      await turn.promise;
    },
    quicken() {
      refusedInARow = 0;
      if (allowed >= concurrency) return;
      allowed = Math.min(concurrency, allowed + 1 / allowed);
      next();
    },
    ready(signal) {
      signal.throwIfAborted();
      return readyAt > performance.now() ? pause(signal) : undefined;
    },
  };
}
