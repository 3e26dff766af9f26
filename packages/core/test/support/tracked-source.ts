/** Sources of chunks that count how they are read and closed. */
export interface Tracked<S> {
  readonly source: S;
  readonly log: { pulled: number; closed: number };
}

/** A hand-written iterator: `return` is counted each time it is called. */
export function trackedIterator(
  chunks: readonly unknown[],
  atEnd?: () => Promise<IteratorResult<Uint8Array>>,
): Tracked<AsyncIterable<Uint8Array>> {
  const log = { pulled: 0, closed: 0 };
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      const at = log.pulled++;
      if (at < chunks.length) return { done: false, value: chunks[at] as Uint8Array };
      return atEnd === undefined ? { done: true, value: undefined } : await atEnd();
    },
    return: async () => {
      log.closed++;
      return { done: true, value: undefined };
    },
  };
  return { log, source: { [Symbol.asyncIterator]: () => iterator } };
}

/** An async generator: leaving its body before the end counts as closed. */
export function trackedGenerator(chunks: readonly Uint8Array[]): Tracked<AsyncIterable<Uint8Array>> {
  const log = { pulled: 0, closed: 0 };
  const generator = async function* () {
    let ended = false;
    try {
      for (const chunk of chunks) {
        log.pulled++;
        yield chunk;
      }
      ended = true;
    } finally {
      if (!ended) log.closed++;
    }
  };
  return { log, source: generator() };
}

/** A ReadableStream: cancel is counted. */
export function trackedReadable(chunks: readonly Uint8Array[]): Tracked<ReadableStream<Uint8Array>> {
  const log = { pulled: 0, closed: 0 };
  const source = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[log.pulled++];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => {
        log.closed++;
      },
    },
    { highWaterMark: 0 },
  );
  return { log, source };
}

/** Unhandled rejections while `run` runs and two turns of the event loop after it. */
export async function unhandledDuring(run: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => {
    seen.push(reason);
  };
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  try {
    await run();
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener("unhandledRejection", note);
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return seen;
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
