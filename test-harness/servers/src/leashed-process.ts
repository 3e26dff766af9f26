import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of this process's own, in which there may be credentials and proxies. PATH is added. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Gets standard output and standard error. */
  readonly logFile: string;
  /** How long it may take to stop by itself; 1 second by default. */
  readonly graceMs?: number;
}

export interface LeashedProcess {
  /** Also the id of its process group. */
  readonly pid: number;
  /** True once nothing of it is left. */
  ended(): boolean;
  /** What it printed so far. */
  log(): string;
  /** SIGTERM, and SIGKILL where that is not enough. Resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** LocalStack sometimes takes more, and holds nothing that is worth the wait. */
const defaultGraceMs = 1_000;

/** The time that the system may take to clear away what was killed. */
const clearedMs = 5_000;

/**
 * Starts a program that ends with this process, however this process ends: SIGKILL too. It holds its leash, a pipe that the system closes. It does not keep
 * this process alive.
 */
export async function startLeashed({ program, args, env, cwd, logFile, graceMs = defaultGraceMs }: Command): Promise<LeashedProcess> {
  const output = openSync(logFile, "w");
  const child = spawn(process.execPath, [join(import.meta.dirname, "leash.ts"), String(graceMs), program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", output, output],
    detached: true,
  });
  closeSync(output);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid as number));
  });
  const leash = child.stdin as Socket;
  // A pipe whose reader is gone says so with an error; `exit` has told already.
  leash.on("error", () => undefined);
  child.unref();
  leash.unref();
  return {
    pid,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    log: () => readFileSync(logFile, "utf8"),
    async stop() {
      child.ref();
      leash.destroy();
      await exited;
      const deadline = performance.now() + clearedMs;
      while (groupExists(pid) && performance.now() < deadline) await wait(5);
    },
  };
}

function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
