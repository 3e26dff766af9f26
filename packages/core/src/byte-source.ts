import { type Bytes, concat } from "./bytes.ts";

/** What a stream reads: chunks of any size, empty ones too. A chunk is read to its end before the next one is asked for, so a source may reuse its buffer. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

export interface SourceReader {
  /** undefined at the end. The chunk is valid until the next call. Rejects with `signal.reason`, even while the source hangs. */
  next(): Promise<Uint8Array | undefined>;
  /** Exactly `length` bytes in a buffer of their own, fewer only at the end of the source. */
  take(length: number): Promise<Bytes>;
  /** Between the segments of one large chunk, where nothing else would notice an abort. */
  throwIfAborted(): void;
  /** Tells the source that nobody reads on. Waits for it, except after an abort, when it may hang. */
  close(): Promise<void>;
}

export function readSource(name: string, source: ByteSource, signal: AbortSignal): SourceReader {
  const iterate = iteratorOf(name, source);
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  let rest: Uint8Array | undefined;
  let done = false;

  const pull = async (): Promise<Uint8Array | undefined> => {
    signal.throwIfAborted();
    iterator ??= iterate();
    const result = await unlessAborted(signal, pulling(iterator));
    if (result.done === true) {
      done = true;
      return undefined;
    }
    if (!(result.value instanceof Uint8Array)) throw new TypeError(`${name} yielded something that is not a Uint8Array`);
    const { buffer, byteOffset, byteLength } = result.value;
    // Plain: `subarray` of a subclass calls its constructor, which may not give the part that was asked for.
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  /** A source that failed has closed itself. */
  const pulling = async (from: AsyncIterator<unknown> | Iterator<unknown>): Promise<IteratorResult<unknown>> => {
    try {
      return await from.next();
    } catch (error) {
      done = true;
      throw error;
    }
  };
  const next = async (): Promise<Uint8Array | undefined> => {
    const chunk = rest;
    rest = undefined;
    return chunk ?? (done ? undefined : pull());
  };
  return {
    next,
    throwIfAborted: () => signal.throwIfAborted(),
    take: async (length) => {
      const parts: Uint8Array[] = [];
      for (let missing = length; missing > 0; ) {
        const chunk = await next();
        if (chunk === undefined) break;
        parts.push(new Uint8Array(chunk.subarray(0, missing)));
        if (chunk.length > missing) rest = chunk.subarray(missing);
        missing -= Math.min(missing, chunk.length);
      }
      return concat(parts);
    },
    close: async () => {
      if (done) return;
      done = true;
      iterator ??= iterate();
      const closing = (async () => iterator?.return?.())();
      closing.catch(() => undefined);
      if (!signal.aborted) await unlessAborted(signal, closing);
    },
  };
}

/** A source that cannot be one is misuse, found before it is read. */
function iteratorOf(name: string, source: ByteSource): () => AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof source === "object" && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source) return () => source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return () => source[Symbol.iterator]();
  }
  throw new TypeError(`${name} must be an iterable of Uint8Array chunks; for one chunk, pass [chunk]`);
}

async function unlessAborted<T>(signal: AbortSignal, pending: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  // `pending` may have aborted it while it was made.
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
