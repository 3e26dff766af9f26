/** How many have begun and not ended. */
export interface OpenCount {
  begin(): void;
  end(): void;
  /** When no more than so many are open; undefined: now. */
  atMost(count: number): Promise<void> | undefined;
}

export function openCount(): OpenCount {
  let open = 0;
  let waiting: { readonly count: number; readonly reached: () => void }[] = [];
  return {
    begin() {
      open += 1;
    },
    end() {
      open -= 1;
      if (waiting.length === 0) return;
      const reached = waiting.filter(({ count }) => open <= count);
      waiting = waiting.filter(({ count }) => open > count);
      for (const one of reached) one.reached();
    },
    atMost(count) {
      if (open <= count) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count, reached: resolve });
      return promise;
    },
  };
}
