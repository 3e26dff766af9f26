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

/** At which operation of its life a process kills itself, and at which instant of it. */
export interface OwnDeath {
  readonly operation: number;
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
  const die = (instant: OwnDeath["instant"]): void => {
    if (death?.instant === instant && death.operation === count) process.kill(process.pid, "SIGKILL");
  };
  return {
    note,
    async around(operation, run) {
      if (operation === "select") return await run();
      const letter = operationLetters[operation];
      count += 1;
      die("before");
      note(letter);
      const running = run();
      if (death?.instant === "during" && death.operation === count) {
        // The thread of the pool, or the server, is somewhere in it.
        for (const until = performance.now() + Math.random() / 2; performance.now() < until; );
        die("during");
      }
      const mine = count;
      try {
        return await running;
      } finally {
        note(letter.toUpperCase());
        if (death?.instant === "after" && death.operation === mine) process.kill(process.pid, "SIGKILL");
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
