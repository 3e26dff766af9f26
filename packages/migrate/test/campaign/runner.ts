import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Orders } from "./crash-child.ts";
import type { Setup } from "./crash-setup.ts";

/** A process that migrates. */
export interface Runner {
  /** Resolves when it began. */
  start(orders: Orders): Promise<void>;
  kill(): void;
  isAlive(): boolean;
  /** It is dead, and everything that it told is here. Rejects when it ended in another way than a kill, or as the last one does. */
  readonly ended: Promise<void>;
  /** The letters of its operations, in order. */
  told(): string;
  /** How long its first run took, in milliseconds; undefined when it died before the end. */
  firstRunMs(): number | undefined;
}

/** Loads at once, and waits for its orders: so the next one loads while this one works. `cache` is a folder for what Node compiles. */
export function loadRunner(setup: Setup, cache: string): Runner {
  const program = join(import.meta.dirname, "crash-child.ts");
  const child = spawn(process.execPath, ["--conditions=source", program, JSON.stringify(setup)], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const [complaints, letters]: [Buffer[], Buffer[]] = [[], []];
  let beganAt: number | undefined;
  let tookMs: number | undefined;
  child.stderr.on("data", (bytes: Buffer) => complaints.push(bytes));
  const told = (): string => Buffer.concat(letters).toString();
  child.stdio[3]?.on("data", (bytes: Buffer) => {
    letters.push(bytes);
    beganAt ??= performance.now();
    if (bytes.includes(")")) tookMs ??= performance.now() - beganAt;
  });
  // A process that dies does not read its orders.
  child.stdin.on("error", () => undefined);
  const loaded = once(child.stdout, "data");
  const ended = once(child, "close").then(() => {
    if (child.signalCode === "SIGKILL" || child.exitCode === 0) return;
    throw new Error(`a runner ended with ${child.exitCode ?? child.signalCode}: ${Buffer.concat(complaints)}`);
  });
  ended.catch(() => undefined);
  return {
    async start(orders) {
      await Promise.race([loaded, ended]);
      child.stdin.write(`${JSON.stringify(orders)}\n`);
      await Promise.race([once(child.stdio[3] as NodeJS.ReadableStream, "data"), ended]);
    },
    kill: () => void child.kill("SIGKILL"),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    ended,
    told,
    firstRunMs: () => tookMs,
  };
}
