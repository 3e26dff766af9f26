import { type BigIntStats, fstatSync, statSync } from "node:fs";
import { type Failure, failure } from "../failure.ts";

/** Which file stands at a path, and in which state. */
export interface FileVersion {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** The last change, in nanoseconds. */
  readonly mtimeNs: bigint;
}

/** Follows links. */
export function versionAt(path: string): FileVersion {
  return versionOf(statSync(path, { bigint: true }));
}

export function versionOfOpen(fd: number): FileVersion {
  return versionOf(fstatSync(fd, { bigint: true }));
}

export function requireVersion(expected: FileVersion, found: FileVersion, path: string): void {
  const { dev, ino, size, mtimeNs } = expected;
  if (dev !== found.dev || ino !== found.ino || size !== found.size || mtimeNs !== found.mtimeNs) throw changed(path);
}

function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): FileVersion {
  return { dev, ino, size, mtimeNs };
}

function changed(path: string): Failure {
  return failure("changed", `${path} changed while it was read: try again when nothing else writes to it`);
}
