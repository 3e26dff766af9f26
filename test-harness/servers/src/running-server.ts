import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { isInstalled } from "./installation.ts";
import { type LeashedProcess, startLeashed } from "./leashed-process.ts";
import { dataFolder, logFolder } from "./server-folder.ts";
import { descriptions, type ServerName } from "./server-name.ts";

/** A third-party server in a process of its own. It ends when it is closed, and when this process ends, however that happens. `await using` closes it too. */
export interface RunningServer extends AsyncDisposable {
  /** "http://127.0.0.1:40123" */
  readonly endpoint: string;
  /** Of the process group; no process of it is left once the server is closed. */
  readonly pid: number;
  /** What the server printed. */
  readonly logFile: string;
  /** SIGTERM, and SIGKILL if that is not enough. Its data are removed, its log stays for a day. */
  close(): Promise<void>;
}

/** How one kind of server is started. */
export interface Launch {
  readonly name: ServerName;
  /** `folder` is empty, and the server's own. */
  command(place: { readonly port: number; readonly folder: string }): {
    readonly program: string;
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  };
  /** The line of its log that says that it listens. Without it, another server on the same port could answer the health check. */
  readonly listens: RegExp;
  readonly healthPath: string;
  /** The status of the health check in which it is ready. */
  readonly healthStatus: number;
}

/** From start to the first healthy answer; seconds on a busy machine. */
const patienceMs = 90_000;
const attempts = 3;
const keptMs = 24 * 60 * 60 * 1000;

/** Rejects when the server is not installed, ends early or is not healthy in time; the error carries the end of the log. */
export async function startServer(launch: Launch): Promise<RunningServer> {
  if (!isInstalled(launch.name)) throw new Error(`${descriptions[launch.name].title} is not installed: run npm run servers:install`);
  for (const folder of [logFolder(), dataFolder()]) removeOld(folder);
  for (let attempt = 1; ; attempt++) {
    const started = await tryToStart(launch);
    if (typeof started !== "string") return started;
    // Between the look for a free port and the server's own attempt, somebody else can take the port.
    if (attempt === attempts || !/address already in use/i.test(started)) throw new Error(started);
  }
}

/** A string says why it did not start. */
async function tryToStart(launch: Launch): Promise<RunningServer | string> {
  const port = await freePort();
  const folder = join(dataFolder(), `${launch.name}-${port}`);
  const logFile = join(logFolder(), `${launch.name}-${port}.log`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const running = await startLeashed({ ...launch.command({ port, folder }), cwd: folder, logFile });
  const endpoint = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const problem = await untilHealthy(launch, endpoint, running);
  if (problem === undefined) return { endpoint, pid: running.pid, logFile, close, [Symbol.asyncDispose]: close };
  await close();
  return `${descriptions[launch.name].title} ${problem}; its log ends with:\n${endOf(running.log())}`;
}

async function untilHealthy(
  { listens, healthPath, healthStatus }: Launch,
  endpoint: string,
  running: LeashedProcess,
): Promise<string | undefined> {
  const deadline = performance.now() + patienceMs;
  for (let pause = 20; performance.now() < deadline; pause = Math.min(pause * 1.5, 250)) {
    if (running.ended()) return "ended before it was healthy";
    if (listens.test(running.log()) && (await statusOf(`${endpoint}${healthPath}`)) === healthStatus) return undefined;
    await wait(pause);
  }
  return `was not healthy within ${patienceMs / 1000} s`;
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000), headers: { connection: "close" } });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

/** OpenBao prints the root token and the unseal key of its dev mode. */
function endOf(log: string): string {
  const lines = log.split("\n").filter((line) => !/token|unseal key/i.test(line));
  return lines.slice(-30).join("\n").trimEnd();
}

/** Logs, and the data of servers whose parent did not live to remove them. */
function removeOld(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (changed !== undefined && changed < Date.now() - keptMs) rmSync(path, { recursive: true, force: true });
  }
}
