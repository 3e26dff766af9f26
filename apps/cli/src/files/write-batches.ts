import { writev } from "node:fs";

const batchBytes = 1 << 19;
const batchChunks = 512;

/** Writes chunks to a file descriptor in batches of about 512 KiB, with one write under way while the next batch is made. Resolves to the bytes written. */
export async function writeBatches(chunks: AsyncIterable<Uint8Array>, fd: number, path: string): Promise<number> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  let total = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    writing = writeAll(fd, batch, path);
    // It is awaited with the next batch. Until then an error must not count as unhandled.
    writing.catch(() => {});
    batch = [];
    bytes = 0;
  };
  try {
    for await (const chunk of chunks) {
      batch.push(chunk);
      bytes += chunk.length;
      total += chunk.length;
      if (bytes >= batchBytes || batch.length >= batchChunks) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    await writing;
  }
  return total;
}

function writeAll(fd: number, chunks: readonly Uint8Array[], path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const more = (left: readonly Uint8Array[]): void => {
      writev(fd, left, (error, written) => {
        if (error !== null) return reject(Object.assign(error, { path }));
        const rest = after(left, written);
        if (rest.length === 0) resolve();
        else more(rest);
      });
    };
    more(chunks);
  });
}

function after(chunks: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written;
  let index = 0;
  for (let chunk = chunks[0]; chunk !== undefined && skip >= chunk.length; chunk = chunks[index]) {
    skip -= chunk.length;
    index++;
  }
  const [first, ...rest] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(skip), ...rest];
}
