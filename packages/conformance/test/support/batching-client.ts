import type { Behaviour } from "./fake-kek.ts";
import { type FakeAnswer, type FakeClient, type FakeItem, FakeServiceError } from "./fake-service.ts";

interface Waiting {
  readonly item: FakeItem;
  resolve(answer: FakeAnswer): void;
  reject(error: unknown): void;
}

/** Coalesces the requests of one turn of the event loop, by key and operation. */
export function batchingSend(): Behaviour["send"] {
  const queues = new Map<string, Waiting[]>();
  const flush = async (client: FakeClient, key: string | undefined, name: string): Promise<void> => {
    const waiting = queues.get(name) ?? [];
    queues.delete(name);
    try {
      const answers = await client.send(
        key,
        waiting.map(({ item }) => item),
        new AbortController().signal,
      );
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const answer = answers[index];
        if (answer === undefined || answer instanceof FakeServiceError) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };
  return (client, key, item, signal) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<FakeAnswer>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    const name = `${key} ${item.operation}`;
    const queue = queues.get(name);
    if (queue !== undefined) queue.push({ item, resolve, reject });
    else {
      queues.set(name, [{ item, resolve, reject }]);
      setImmediate(() => void flush(client, key, name));
    }
    return promise;
  };
}
