/** Bytes that may be in memory at once. What is larger than all of it waits until it is alone. */
export interface ByteBudget {
  /** When there are so many; undefined: they are taken. */
  take(bytes: number): Promise<void> | undefined;
  give(bytes: number): void;
}

export function byteBudget(limit: number): ByteBudget {
  let used = 0;
  const waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  const fits = (bytes: number): boolean => used === 0 || used + bytes <= limit;
  return {
    take(bytes) {
      if (waiting.length === 0 && fits(bytes)) {
        used += bytes;
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ bytes, go: resolve });
      return promise;
    },
    give(bytes) {
      used -= bytes;
      for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
        waiting.shift();
        used += next.bytes;
        next.go();
      }
    },
  };
}
