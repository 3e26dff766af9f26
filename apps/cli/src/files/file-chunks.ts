import { close, open, read } from "node:fs";
import { promisify } from "node:util";
import { type FileVersion, requireVersion, versionOfOpen } from "./file-version.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

export interface FileRegion {
  readonly path: string;
  readonly start: number;
  /** Bytes of a chunk: a multiple of the segments that the consumer works in. */
  readonly chunkBytes: number;
  /** The version that the file must have when it is opened; by default whichever it has. */
  readonly version?: FileVersion | undefined;
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of a file from `start`, in chunks, one of which is read while the consumer works on another. Two buffers take turns: a chunk is valid until
 * the next one is asked for. A file that changes before its end was read is "changed", instead of a last chunk.
 */
export async function* fileChunks({ path, start, chunkBytes, version, onRead }: FileRegion): AsyncGenerator<Buffer, void, undefined> {
  const fd = await openFile(path, "r");
  let ahead: Promise<number> | undefined;
  try {
    const opened = versionOfOpen(fd);
    requireVersion(version ?? opened, opened, path);
    let [current, next] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
    let position = start;
    ahead = fill(fd, current, position);
    for (;;) {
      const bytes: number = await named(ahead, path);
      position += bytes;
      ahead = bytes === chunkBytes ? fill(fd, next, position) : undefined;
      if (ahead === undefined) requireVersion(opened, versionOfOpen(fd), path);
      if (bytes > 0) yield current.subarray(0, bytes);
      onRead?.(bytes);
      if (ahead === undefined) return;
      [current, next] = [next, current];
    }
  } finally {
    await ahead?.catch(() => {});
    await closeFile(fd);
  }
}

/** Reads until the buffer is full or the file ends; resolves to the bytes read. */
function fill(fd: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const more = (filled: number): void => {
      read(fd, buffer, filled, buffer.length - filled, position + filled, (error, bytes) => {
        if (error !== null) reject(error);
        else if (bytes === 0 || filled + bytes === buffer.length) resolve(filled + bytes);
        else more(filled + bytes);
      });
    };
    more(0);
  });
}

/** A read of an open file fails without its path. */
async function named<T>(work: Promise<T>, path: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}
