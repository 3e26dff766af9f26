import { writeSync } from "node:fs";
import { type Disk, realDisk } from "../../src/disk.ts";
import type { PostgresClient } from "../../src/postgres-table.ts";

/** What a store does that a kill may interrupt. Its letter tells a parent process that it begins, its capital that it ended. */
const operationLetters = {
  create: "c",
  write: "w",
  "file sync": "s",
  rename: "r",
  "folder sync": "f",
  unlink: "d",
  update: "u",
} as const;

export type Operation = keyof typeof operationLetters | "select";

/** At which operation of its life a process kills itself, counted among those of a kind, and at which instant of it. */
export interface OwnDeath {
  readonly operation: Operation;
  readonly nth: number;
  readonly instant: "before" | "during" | "after";
}

export interface Operations {
  around<T>(operation: Operation, run: () => Promise<T>): Promise<T>;
  /** "(" and ")" stand around a run. */
  note(letter: string): void;
}

/** Tells what begins and ends through a pipe, which outlives the process. */
export function tellingOperations(pipe: number, death: OwnDeath | undefined): Operations {
  let count = 0;
  const note = (letter: string): void => void writeSync(pipe, letter);
  return {
    note,
    async around(operation, run) {
      if (operation === "select") return await run();
      const letter = operationLetters[operation];
      const instant = death?.operation === operation && ++count === death.nth ? death.instant : undefined;
      if (instant === "before") process.kill(process.pid, "SIGKILL");
      note(letter);
      const running = run();
      if (instant === "during") {
        // The thread of the pool, or the server, is somewhere in it.
        for (const until = performance.now() + Math.random() / 2; performance.now() < until; );
        process.kill(process.pid, "SIGKILL");
      }
      try {
        return await running;
      } finally {
        note(letter.toUpperCase());
        if (instant === "after") process.kill(process.pid, "SIGKILL");
      }
    },
  };
}

export function watchedDisk({ around }: Operations): Disk {
  const real = realDisk();
  return {
    async create(path, mode) {
      const file = await around("create", () => real.create(path, mode));
      return {
        ...file,
        write: (bytes) => around("write", () => file.write(bytes)),
        sync: () => around("file sync", () => file.sync()),
      };
    },
    rename: (from, to) => around("rename", () => real.rename(from, to)),
    unlink: (path) => around("unlink", () => real.unlink(path)),
    syncFolder: (path) => around("folder sync", () => real.syncFolder(path)),
  };
}

export function watchedClient(client: PostgresClient, { around }: Operations): PostgresClient {
  const operationOf = (text: string): Operation => (/^\s*update/i.test(text) ? "update" : "select");
  return { query: (text, values) => around(operationOf(text), () => client.query(text, values)) };
}
