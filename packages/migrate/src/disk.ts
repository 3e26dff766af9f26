import { type FileHandle, open, rename, unlink } from "node:fs/promises";

export type Path = string | Buffer;

/** What of a file system decides whether a change outlives a power failure. A seam, so that a test can lose what was not synced. */
export interface Disk {
  /** A new file; one that exists is an error. */
  create(path: Path, mode: number): Promise<DiskFile>;
  rename(from: Path, to: Path): Promise<void>;
  unlink(path: Path): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: Path): Promise<void>;
}

export interface DiskFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Rejects where the file is another's and may not be given to these. */
  chown(uid: number, gid: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export function realDisk(): Disk {
  return {
    async create(path, mode) {
      const file = await open(path, "wx", mode);
      // The mask of the process applies to open, not to chmod.
      await file.chmod(mode);
      return diskFile(file);
    },
    rename,
    unlink,
    async syncFolder(path) {
      // Windows cannot sync a folder, and does not need to.
      if (process.platform === "win32") return;
      const folder = await open(path, "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
  };
}

function diskFile(file: FileHandle): DiskFile {
  return {
    write: (bytes) => file.writeFile(bytes),
    async chown(uid, gid) {
      // Not every file system can give a file away, and most need not.
      const now = await file.stat();
      if (now.uid !== uid || now.gid !== gid) await file.chown(uid, gid);
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
