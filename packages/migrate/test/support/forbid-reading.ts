import { chmod } from "node:fs/promises";

/** Takes the right to read a folder away, until what it returns is called. Root may read everything, so it becomes somebody else for a while. */
export async function forbidReading(folder: string): Promise<() => Promise<void>> {
  await chmod(folder, 0o000);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  return async () => {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  };
}
