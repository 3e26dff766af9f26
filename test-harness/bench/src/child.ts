import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const peakReporter = new URL("./report-peak-memory.mjs", import.meta.url).href;

export const letterlock: string = fileURLToPath(new URL("../../../apps/cli/dist/main.js", import.meta.url));

/** The reason why the command cannot be measured, if there is one. */
export function commandMissing(): string | undefined {
  return existsSync(letterlock) ? undefined : "the command is not built: run `npm run bench` at the root, which builds it";
}

/** Milliseconds from start to exit. A failure is an error with what the process said. */
export function timed(program: string, args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr, error } = spawnSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const ms = performance.now() - started;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${status}: ${stderr.toString().trim()}`);
  return ms;
}

/** The peak resident memory, in bytes, of a Node program that writes to standard output; the output goes to `output`, a file descriptor. */
export function peakMemory(args: readonly string[], output: number | "ignore"): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", peakReporter, ...args], { stdio: ["ignore", output, "pipe", "pipe"] });
    let said = "";
    let peak = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      peak += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 && peak !== "") resolve(Number(peak));
      else reject(new Error(`${args.join(" ")} exited with ${code}: ${said.trim()}`));
    });
  });
}
