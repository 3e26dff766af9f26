import { chmod } from "node:fs/promises";

/** Takes the right to write in a folder away, until what it returns is called. Root may write everywhere, so it becomes somebody else for a while. */
export async function forbidWriting(folder: string): Promise<() => Promise<void>> {
  await chmod(folder, 0o555);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  return async () => {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  };
}
