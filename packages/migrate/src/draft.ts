import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { Disk, Path } from "./disk.ts";

/** Of what a process that was killed leaves beside the file that it was about to replace. It is nothing's only copy. */
export const draftPrefix = ".letterlock-draft-";

export function draftName(): string {
  return `${draftPrefix}${randomBytes(8).toString("hex")}`;
}

/** A whole and synced file beside another, with its mode and, where we may give that, its owner. */
export async function writeDraft(
  disk: Disk,
  path: Path,
  like: BigIntStats,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await disk.create(path, Number(like.mode & 0o7777n));
  try {
    if (process.geteuid?.() === 0) await file.chown(Number(like.uid), Number(like.gid));
    for await (const bytes of content) await file.write(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await disk.unlink(path).catch(() => undefined);
    throw error;
  }
  await file.close();
}
