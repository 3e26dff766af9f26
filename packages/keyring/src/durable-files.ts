import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What is in a folder; nothing where there is none. */
export async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? [];
}

/** Makes a folder and those above it, and syncs the folders that their names are in. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** A new file with its content on the disk. False: the name exists. */
export async function writeDraft(path: string, text: string): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (isCode(error, "EEXIST")) return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(absent);
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** Gives a synced draft its name, so that the name never stands for half a file. False: the name exists, or its folder is gone. */
export async function publish(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
  } catch (error) {
    if (isCode(error, "EEXIST") || isCode(error, "ENOENT")) return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** `publish` of a draft in `folder` that leaves at once. */
export async function writeNew(folder: string, path: string, text: string): Promise<boolean> {
  const draft = join(folder, `draft-${unique()}`);
  await writeDraft(draft, text);
  try {
    return await publish(draft, path);
  } finally {
    await unlink(draft).catch(absent);
  }
}

/** Windows cannot sync a folder, and does not need to. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r").catch(absent);
  if (folder === undefined) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function unique(): string {
  return randomBytes(8).toString("hex");
}

/** A `catch` for what is not there, and for a file where a folder would be. */
export function absent(error: unknown): undefined {
  if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
