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
