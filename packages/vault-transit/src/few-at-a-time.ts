const atTheSameTime = 8;

/** `run` for each; it must not reject. */
export async function fewAtATime<T>(items: Iterable<T>, run: (item: T) => Promise<void>): Promise<void> {
  // One iterator for all: each takes what no other has.
  const queue = Iterator.from(items);
  const work = async (): Promise<void> => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: atTheSameTime }, work));
}
