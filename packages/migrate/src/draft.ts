import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Disk, Path } from "./disk.ts";

/** Of what a process that was killed leaves beside the file that it was about to replace. It is nothing's only copy. */
export const draftPrefix = ".letterlock-draft-";

export function draftName(): string {
  return `${draftPrefix}${randomBytes(8).toString("hex")}`;
}

/** A whole and synced file beside another, with its mode, owner and group. Rejects where we may not give those: who reads the file now could not read what replaced it. */
export async function writeDraft(
  disk: Disk,
  path: Path,
  like: BigIntStats,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await disk.create(path, Number(like.mode & 0o7777n));
  try {
    await file.chown(Number(like.uid), Number(like.gid)).catch((cause: unknown) => {
      throw new Error(`the owner ${like.uid} and group ${like.gid} of the file cannot be kept: run as that user, or as root`, { cause });
    });
    for await (const bytes of content) await file.write(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await disk.unlink(path).catch(() => undefined);
    throw error;
  }
  await file.close();
}

const oldDraftMs = 3_600_000;

/** Takes a draft away that is an hour old by the wall clock: whoever wrote it is dead. One that lives fails with its object, and loses nothing. */
export async function sweepDraft(draft: Path): Promise<void> {
  const found = await lstat(draft).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > oldDraftMs) await unlink(draft).catch(() => undefined);
}

/** Those in a folder, and not below it. A folder that may not be read keeps them. */
export async function sweepDraftsIn(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) if (name.startsWith(draftPrefix)) await sweepDraft(join(folder, name));
}
