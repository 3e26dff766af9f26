import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Setup, workers } from "./fleet-setup.ts";

export interface Processes {
  /** Kills a worker and lets another go. False where hardly anybody works, because the machine is slow to start processes. */
  killOne(random: () => number): boolean;
  /** Holds a worker still for longer than its lock, and then lets it go on. False where one is held already. */
  holdStill(random: () => number): boolean;
  /** Whoever is held still goes on. */
  goOn(): void;
  /** Drains all that work, and gives their exit status. Those that stand by are killed. */
  ended(): Promise<(number | null)[]>;
  killAll(): void;
}

/** They stand by, started and ready, so that a killed worker is followed by another at once. */
const spares = 3;
/** Longer than the lock and two looks for stalled partitions. */
const stillMs = 7_000;

export function startProcesses(setup: Setup): Processes {
  const working = new Set<ChildProcess>();
  const standingBy = new Set<ChildProcess>();
  const starting = new Set<ChildProcess>();
  const still = new Set<ChildProcess>();

  const staff = (): void => {
    for (const child of standingBy) {
      if (working.size >= workers) break;
      standingBy.delete(child);
      working.add(child);
      child.stdin?.write("go\n");
    }
    while (working.size + standingBy.size + starting.size < workers + spares) start();
  };
  const start = (): void => {
    const child = spawn(process.execPath, ["--conditions=source", join(import.meta.dirname, "fleet-child.ts"), JSON.stringify(setup)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "letterlock-compile-cache") },
    });
    starting.add(child);
    child.stdout.once("data", () => {
      starting.delete(child);
      standingBy.add(child);
      staff();
    });
    child.stdin.on("error", () => undefined);
    child.once("exit", () => {
      for (const set of [working, standingBy, starting, still]) set.delete(child);
    });
  };
  const pick = (random: () => number): ChildProcess | undefined => {
    const able = [...working].filter((child) => !still.has(child));
    return able.length < 2 ? undefined : able[Math.floor(random() * able.length)];
  };
  const wake = (child: ChildProcess): void => {
    still.delete(child);
    child.kill("SIGCONT");
  };
  staff();
  return {
    killOne(random) {
      const child = pick(random);
      if (child === undefined) return false;
      child.kill("SIGKILL");
      working.delete(child);
      staff();
      return true;
    },
    holdStill(random) {
      const child = still.size > 0 ? undefined : pick(random);
      if (child === undefined) return false;
      still.add(child);
      child.kill("SIGSTOP");
      setTimeout(() => wake(child), stillMs);
      return true;
    },
    goOn() {
      for (const child of still) wake(child);
    },
    async ended() {
      for (const child of [...standingBy, ...starting]) child.kill("SIGKILL");
      const exits = [...working].map(async (child) => (await once(child, "exit"))[0] as number | null);
      // One that was let go a moment ago may have come after the fleet was drained.
      for (const child of working) child.kill("SIGTERM");
      return await Promise.all(exits);
    },
    killAll() {
      for (const child of [...working, ...standingBy, ...starting]) child.kill("SIGKILL");
    },
  };
}
