/** How many have begun and not ended. */
export interface OpenCount {
  begin(): void;
  end(): void;
  /** Resolves when there are none. */
  ended(): Promise<void>;
}

export function openCount(): OpenCount {
  let count = 0;
  let none: PromiseWithResolvers<void> | undefined;
  return {
    begin() {
      count += 1;
    },
    end() {
      count -= 1;
      if (count === 0) none?.resolve();
    },
    async ended() {
      if (count === 0) return;
      none = Promise.withResolvers();
      await none.promise;
    },
  };
}
