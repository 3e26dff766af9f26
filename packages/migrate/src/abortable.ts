/** A request that is given the signal. What an SDK rejects with when it is aborted is its own error; a scan rejects with the caller's reason. */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  request: (options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await request(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** What cannot be given a signal, such as a connection in the making: it goes on unheard after an abort, which rejects with the caller's reason at once. */
export async function unlessAborted<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([asked, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
