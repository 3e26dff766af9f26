import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { letterlock, timed } from "./child.ts";

const tmpfs = "/dev/shm";
const MiB = 2 ** 20;

export interface ScratchFolder extends Disposable {
  path(name: string): string;
}

/** A folder on tmpfs, where no disk takes part in the result; a string is the reason why there is none. */
export function scratchFolder(neededBytes: number): ScratchFolder | string {
  const free = freeBytes();
  if (free < neededBytes) return `needs ${gibibytes(neededBytes)} free on tmpfs at ${tmpfs}, there are ${gibibytes(free)}`;
  const folder = mkdtempSync(join(tmpfs, "letterlock-bench-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A file of random bytes: a block of 1 MiB over and over. */
export function writeRandomFile(path: string, bytes: number): void {
  const block = randomBytes(MiB);
  const file = openSync(path, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
}

/** A file of zeros that takes no memory. */
export function writeSparseFile(path: string, bytes: number): void {
  writeFileSync(path, "");
  const file = openSync(path, "r+");
  ftruncateSync(file, bytes);
  closeSync(file);
}

/** Makes a key file with the command and returns the KEK as the command takes it. */
export function localKeyFile(folder: ScratchFolder): string {
  const path = folder.path("key");
  timed(process.execPath, [letterlock, "keygen", "--name", "bench", "-o", path]);
  return `local:${path}`;
}

/** Free on the file system, and free in memory, which is what a tmpfs is made of. */
function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(tmpfs);
    const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "latin1"))?.[1] ?? 0) * 1024;
    return Math.min(bavail * bsize, available);
  } catch {
    return 0;
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
