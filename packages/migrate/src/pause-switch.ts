/** Holds a run between two objects. What has begun is finished. */
export interface PauseSwitch {
  pause(): void;
  resume(): void;
  /** Resolves while not paused. Rejects with `signal.reason`. */
  passable(signal: AbortSignal): Promise<void>;
}

export function pauseSwitch(): PauseSwitch {
  let held: PromiseWithResolvers<void> | undefined;
  return {
    pause() {
      held ??= Promise.withResolvers<void>();
    },
    resume() {
      held?.resolve();
      held = undefined;
    },
    async passable(signal) {
      while (held !== undefined) {
        signal.throwIfAborted();
        const aborted = Promise.withResolvers<void>();
        const stop = (): void => aborted.resolve();
        signal.addEventListener("abort", stop, { once: true });
        await Promise.race([held.promise, aborted.promise]);
        signal.removeEventListener("abort", stop);
      }
      signal.throwIfAborted();
    },
  };
}
