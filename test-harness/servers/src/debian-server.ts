import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { serversAreRequired } from "./available-servers.ts";
import { freePort } from "./free-port.ts";
import { type LeashedProcess, startLeashed } from "./leashed-process.ts";
import type { RunningServer } from "./running-server.ts";
import { logFolder } from "./server-folder.ts";

/** A server that the system's packages install: on Debian, `apt-get install postgresql redis-server`. */
export type DebianServerName = "postgresql" | "redis-server";

/** How one of them is started. */
export interface DebianLaunch {
  readonly name: DebianServerName;
  /** The user and group that the server must not be root for; undefined where root will do. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly scheme: "postgresql" | "redis";
  /** What must run to its end first, and then the server itself. `folder` is empty, and the server's own. */
  commands(place: { readonly port: number; readonly folder: string }): readonly (readonly string[])[];
  /** The line of its log that says that it listens. */
  readonly listens: RegExp;
}

const patienceMs = 60_000;
const attempts = 3;

/** The program of a server, wherever the system's packages put it; undefined where it is not installed. */
export function debianProgram(name: DebianServerName): string | undefined {
  if (name === "redis-server") return ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));
  return globSync("/usr/lib/postgresql/*/bin/postgres").sort().at(-1);
}

/** As `requireServer`, for a server of the system's packages. */
export function requireDebianServer(name: DebianServerName): boolean {
  if (debianProgram(name) !== undefined) return true;
  const missing = `what needs ${name}, which is not installed here; apt-get install ${name} installs it`;
  if (serversAreRequired()) throw new Error(missing);
  console.warn(`not run: ${missing}`);
  return false;
}

/** Rejects when the server ends early or does not listen in time; the error carries the end of its log. */
export async function startDebianServer(launch: DebianLaunch): Promise<RunningServer> {
  mkdirSync(logFolder(), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const started = await tryToStart(launch);
    if (typeof started !== "string") return started;
    if (attempt === attempts || !/address already in use/i.test(started)) throw new Error(started);
  }
}

/** A string says why it did not start. */
async function tryToStart({ name, owner, scheme, commands, listens }: DebianLaunch): Promise<RunningServer | string> {
  const port = await freePort();
  // Another user than this process's must reach it, so it does not lie in the checkout.
  const folder = mkdtempSync(join(tmpdir(), `letterlock-${name}-`));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const logFile = join(logFolder(), `${name}-${port}.log`);
  let running: LeashedProcess | undefined;
  const close = async (): Promise<void> => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const asOwner = owner === undefined ? [] : ["setpriv", `--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  const list = commands({ port, folder });
  for (const [index, command] of list.entries()) {
    const [program = "", ...args] = [...asOwner, ...command];
    running = await startLeashed({ program, args, env: { LC_ALL: "C.UTF-8", HOME: folder }, cwd: folder, logFile });
    const isServer = index === list.length - 1;
    const problem = await until(running, (log, ended) => (isServer ? listens.test(log) : ended));
    if (problem === undefined && (isServer || /^ended with 0$/m.test(running.log()))) continue;
    const log = running.log().split("\n").slice(-30).join("\n").trimEnd();
    await close();
    return `${name} ${problem ?? "could not be prepared"}; its log ends with:\n${log}`;
  }
  const { pid } = running as LeashedProcess;
  return { endpoint: `${scheme}://127.0.0.1:${port}`, pid, logFile, close, [Symbol.asyncDispose]: close };
}

async function until(running: LeashedProcess, isDone: (log: string, ended: boolean) => boolean): Promise<string | undefined> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const ended = running.ended();
    if (isDone(running.log(), ended)) return undefined;
    if (ended) return "ended before it listened";
    await wait(20);
  }
  return `did not listen within ${patienceMs / 1000} s`;
}
