import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Up to here a file's version is the digest of all of it, and a scan has read all of it. */
export const smallFileBytes: number = 1024 * 1024;
const headBytes = 65_536;

export interface OpenFile {
  readonly version: string;
  readonly stats: BigIntStats;
  /** The content that the version names, of a small file. */
  readonly content: Buffer | undefined;
}

/** Opens a regular file, no link, for as long as `use` takes. Undefined: there is none. */
export async function withFile<T>(path: Buffer, use: (file: FileHandle, found: OpenFile) => Promise<T>): Promise<T | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(absent);
  if (file === undefined) return undefined;
  try {
    const found = await describe(file);
    return found === undefined ? undefined : await use(file, found);
  } finally {
    await file.close();
  }
}

/** `bytes` of it from `from` on, or as many as there are. */
export async function readBytes(file: FileHandle, from: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * A digest of a small file. A larger one is not read to the end for every look: its inode, size and times, and a digest of its first 64 KiB. Two changes within one
 * tick of the file system's clock, the second of the payload alone and of the same length, are then one version.
 */
async function describe(file: FileHandle): Promise<OpenFile | undefined> {
  const stats = await file.stat({ bigint: true });
  if (!stats.isFile()) return undefined;
  const isSmall = stats.size <= BigInt(smallFileBytes);
  const content = await readBytes(file, 0, isSmall ? Number(stats.size) + 1 : headBytes);
  const digest = createHash("sha256").update(content).digest("hex");
  if (isSmall && content.length <= smallFileBytes) return { version: digest, stats, content };
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return { version: [digest, dev, ino, size, mtimeNs, ctimeNs].join(":"), stats, content: undefined };
}

/** A link in its place (ELOOP) and a socket (ENXIO) are no file either. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].includes(String(error.code))) return undefined;
  throw error;
}
