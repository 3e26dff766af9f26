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
  /** The provider asked for patience: half as many at once, and nobody before the pause is over. */
  slow(attempt: number, retryAfterMs: number): void;
  /** An object went through. */
  quicken(): void;
  /** Resolves when calls may be made; undefined: now. Throws or rejects with `signal.reason`. */
  ready(signal: AbortSignal): Promise<void> | undefined;
}

const longestPauseMs = 20_000;

/** Additive increase, multiplicative decrease, as TCP does (RFC 5681): one slow-down per pause, however many calls were refused together. */
export function createPace(concurrency: number, firstPauseMs: number): Pace {
  const waiting: (() => void)[] = [];
  let working = 0;
  let allowed = concurrency;
  let readyAt = 0;
  let hasRoom: PromiseWithResolvers<void> | undefined;

  const next = (): void => {
    while (working < Math.floor(allowed)) {
      const work = waiting.shift();
      if (work === undefined) break;
      working += 1;
      work();
    }
    if (waiting.length < concurrency) {
      hasRoom?.resolve();
      hasRoom = undefined;
    }
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
    leave() {
      working -= 1;
      next();
    },
    room() {
      if (waiting.length < concurrency) return undefined;
      hasRoom ??= Promise.withResolvers();
      return hasRoom.promise;
    },
    slow(attempt, retryAfterMs) {
      const now = performance.now();
      if (now >= readyAt) allowed = Math.max(1, allowed / 2);
      // Full jitter, from half the pause on ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      readyAt = Math.max(readyAt, now + Math.max(pauseMs, retryAfterMs));
    },
    quicken() {
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
