import type { SourceReader } from "./byte-source.ts";
import type { Bytes } from "./bytes.ts";

/** An async generator of buffers of their own. `return()`, and so leaving a `for await`, closes the source. */
export type ByteStream = AsyncGenerator<Bytes, void, undefined>;

/**
 * Closes the source however the stream ends: at its end, by an error, by `return()`, and by `return()` before the first `next()`, when the body of a
 * generator would never run. The hooks sit on the generator itself, because a generator around a generator costs a `yield*` per chunk.
 */
export function byteStream(source: SourceReader, body: ByteStream): ByteStream {
  const { next, return: finish, throw: fail } = body;
  const atEnd = async (result: IteratorResult<Bytes, void>): Promise<IteratorResult<Bytes, void>> => {
    await source.close();
    return result;
  };
  const onResult = (result: IteratorResult<Bytes, void>): IteratorResult<Bytes, void> | Promise<IteratorResult<Bytes, void>> =>
    result.done === true ? atEnd(result) : result;
  const onError = async (error: unknown): Promise<never> => {
    // The first error is the one that counts; a source that fails again while it is closed adds nothing.
    await source.close().catch(() => undefined);
    throw error;
  };
  return Object.assign(body, {
    next: () => next.call(body).then(onResult, onError),
    return: () => finish.call(body, undefined).then(onResult, onError),
    throw: (error: unknown) => fail.call(body, error).then(onResult, onError),
    [Symbol.asyncDispose]: async () => {
      await body.return();
    },
  });
}
