import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Disk, realDisk } from "../../src/disk.ts";

/** What a power failure may leave of one file, after each operation: every content that the syncs so far allow. */
export interface RecordingDisk extends Disk {
  /** After the nth operation; the last is what holds now. */
  readonly states: () => readonly (readonly string[])[];
}

interface Inode {
  content: string;
  synced: string | undefined;
}

/**
 * A disk that remembers what of its operations on `target` is durable. A write that was not synced may be lost, in whole or in part; a name that was not synced may be the old
 * one. The rest is that of the real disk. `without` leaves a sync out.
 */
export async function recordingDisk(target: string, without?: "file sync" | "folder sync"): Promise<RecordingDisk> {
  const real = realDisk();
  const inodes = new Map<string, Inode>();
  const old = await readFile(target, "latin1");
  let durable: Inode = { content: old, synced: old };
  let pending: Inode[] = [];
  const states: string[][] = [];
  const note = (): void => void states.push([durable, ...pending].flatMap(contentsOf));
  return {
    states: () => states,
    async create(path, mode) {
      const file = await real.create(path, mode);
      const inode: Inode = { content: "", synced: undefined };
      inodes.set(path.toString(), inode);
      note();
      return {
        ...file,
        async write(bytes) {
          await file.write(bytes);
          inode.content += Buffer.from(bytes).toString("latin1");
          inode.synced = undefined;
          note();
        },
        async sync() {
          if (without === "file sync") return;
          await file.sync();
          inode.synced = inode.content;
          note();
        },
      };
    },
    async rename(from, to) {
      await real.rename(from, to);
      const inode = inodes.get(from.toString());
      if (to.toString() === target && inode !== undefined) pending.push(inode);
      note();
    },
    unlink: (path) => real.unlink(path),
    async syncFolder(path) {
      if (without === "folder sync") return;
      await real.syncFolder(path);
      if (path.toString() === dirname(target)) {
        durable = pending.at(-1) ?? durable;
        pending = [];
      }
      note();
    },
  };
}

function contentsOf({ content, synced }: Inode): string[] {
  return synced === content ? [content] : ["", content.slice(0, content.length / 2), content];
}
