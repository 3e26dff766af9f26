import { chmod } from "node:fs/promises";

/** Takes the right to read a folder away, until what it returns is called. */
export const forbidReading = (folder: string): Promise<() => Promise<void>> => forbid(folder, 0o000);

/** The same for the right to write in it. */
export const forbidWriting = (folder: string): Promise<() => Promise<void>> => forbid(folder, 0o555);

/** Root may do everything, so it becomes somebody else for a while. */
async function forbid(folder: string, mode: number): Promise<() => Promise<void>> {
  await chmod(folder, mode);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  return async () => {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  };
}
