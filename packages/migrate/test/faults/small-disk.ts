import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What happens to a disk between the objects and their migration, and goes by. */
export type DiskFault =
  /** It is full: a file system of a mebibyte with a file that takes the rest. ENOSPC. */
  | "full"
  /** It is mounted read-only. EROFS. */
  | "read-only"
  /** No file of the process may become larger than 16 KiB (RLIMIT_FSIZE). EFBIG, and no right to mount is needed. */
  | "limit";

export type DiskKind = "files" | "ndjson" | "sqlite";

export interface DiskReport {
  readonly ok: boolean;
  readonly classes: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  /** Objects that did not open with the old or the new key during the fault, or with the new one in the end. */
  readonly lost: readonly string[];
  /** Names beside the objects, during the fault. */
  readonly leftovers: readonly string[];
  /** What the same command said when the fault had gone by. */
  readonly again: { readonly ok: boolean; readonly classes: Readonly<Record<string, number>> };
}

/** Who may mount without further ado: anybody in a namespace of users, where the kernel allows that, and root. */
const namespaces: readonly (readonly string[])[] = [
  ["unshare", "--map-root-user", "--mount"],
  ["unshare", "--mount"],
];

/** What goes before a command that mounts; undefined where nobody here may. */
export function namespaceToMountIn(): readonly string[] | undefined {
  return namespaces.find(([program = "", ...args]) => spawnSync(program, [...args, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0);
}

/** In a process of its own, whose limits and mounts end with it. */
export function reportOfDisk(kind: DiskKind, fault: DiskFault, folder: string, namespace: readonly string[] = []): DiskReport {
  const child = [process.execPath, "--conditions=source", join(import.meta.dirname, "disk-child.ts"), kind, fault, folder];
  const mounted = [...namespace, "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', folder, ...child];
  const [program = "", ...args] = fault === "limit" ? child : mounted;
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the process ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as DiskReport;
}
