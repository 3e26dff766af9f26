import { access, constants } from "node:fs/promises";

/** Why this user writes nothing into a folder, where the permissions or the file system tell; undefined where they do not. */
export async function unwritableFolder(folder: string): Promise<string | undefined> {
  return await denied(folder, "every change is a new file in it");
}

/** The same of a file that is changed where it is. */
export async function unwritableFile(file: string): Promise<string | undefined> {
  return await denied(file, "it is changed where it is");
}

async function denied(path: string, reason: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return ["EACCES", "EPERM", "EROFS"].includes(code) ? `this user may not write ${path} (${code}): ${reason}` : undefined;
  }
}
