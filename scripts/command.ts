import { spawn } from "node:child_process";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "..");

const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, TURBO_TELEMETRY_DISABLED: "1" };

export interface Finished {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a command in the root of the repository and collects what it prints. A tool finds no terminal and no standard input. */
export function command(name: string, args: readonly string[], cwd: string = root): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}
