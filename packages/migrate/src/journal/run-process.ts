import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who writes a run: enough to tell later whether it is still there. Texts are "" where the system does not tell. */
export interface RunProcess {
  readonly host: string;
  /** Another one after every start of the machine. */
  readonly boot: string;
  /** In which the pid counts: a container has its own. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** When the process began, in ticks since the start of the machine: a pid is given again. */
  readonly start: string;
}

export function thisProcess(): RunProcess {
  return {
    host: hostname(),
    boot: told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace: told(() => readlinkSync("/proc/self/ns/pid")),
    pid: process.pid,
    start: startOf(process.pid),
  };
}

/** Whether a process is there, or undefined where this one cannot tell. */
export function isThere(other: RunProcess, self: RunProcess = thisProcess()): boolean | undefined {
  // A journal lies on one machine, as SQLite's write-ahead log needs it: another start of it ended everything.
  if (other.boot !== self.boot) return false;
  if (other.pidNamespace !== self.pidNamespace || other.host !== self.host) return undefined;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return other.start === "" ? undefined : other.start === startOf(other.pid);
}

/** Field 22 of proc_pid_stat(5); the name of the command before it may hold spaces and parentheses. */
function startOf(pid: number): string {
  const fields = told(() => readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").trim());
  return fields.split(" ")[19] ?? "";
}

/** Only Linux has these files. */
function told(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
