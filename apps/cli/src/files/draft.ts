import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fsync, linkSync, mkdirSync, openSync, renameSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { failure } from "../failure.ts";

/**
 * A file in the making, in the folder where it will stand. Nobody sees it under its name before `commit`, which happens at once and after the bytes
 * are on disk: whatever goes wrong before leaves the old file or none. Its mode while it is made is 0600.
 */
export interface Draft {
  readonly fd: number;
  commit(): Promise<void>;
  discard(): void;
}

export interface DraftOptions {
  /** Take the place of a file that exists. Without it, one that appears in the meantime is refused too. */
  readonly replace: boolean;
  readonly mode: number;
  /** Throws when the file that is to be replaced is no longer the one that was read. Called at the last moment. */
  readonly checkReplaced?: (() => void) | undefined;
}

// Opening, linking and removing are synchronous, so that an interrupt never falls between one of them and the note of it here.
const open = new Set<string>();
const sync = promisify(fsync);

export function draft(path: string, { replace, mode, checkReplaced }: DraftOptions): Draft {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const draftPath = join(folder, `.${shortened(basename(path))}.${randomBytes(6).toString("hex")}.letterlock-draft`);
  const fd = openSync(draftPath, "wx", 0o600);
  open.add(draftPath);
  let closed = false;
  const close = () => {
    if (!closed) closeSync(fd);
    closed = true;
  };
  return {
    fd,
    async commit() {
      fchmodSync(fd, mode);
      await sync(fd);
      close();
      checkReplaced?.();
      if (replace) renameSync(draftPath, path);
      else publish(draftPath, path);
      open.delete(draftPath);
      await syncFolder(folder);
    },
    discard() {
      close();
      if (open.delete(draftPath)) remove(draftPath);
    },
  };
}

/** A file name has at most 255 bytes, and the draft's own part takes 31 of them. */
function shortened(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > 200) short = [...short].slice(0, -1).join("");
  return short;
}

/** For the interrupt handler: removes what is half written, at once. */
export function discardDrafts(): void {
  for (const path of open) remove(path);
  open.clear();
}

export function alreadyExists(path: string): Error {
  return failure("exists", `${path} exists already (--force replaces it)`);
}

/** A link fails when the name is taken, a rename would not. */
function publish(draftPath: string, path: string): void {
  try {
    linkSync(draftPath, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") throw alreadyExists(path);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
    reserve(draftPath, path);
    return;
  }
  unlinkSync(draftPath);
}

/** Where the file system knows no links: an empty file takes the name, and is replaced in the next instant. */
function reserve(draftPath: string, path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? alreadyExists(path) : error;
  }
  renameSync(draftPath, path);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or the disk is: there is nothing left to do about it.
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}
