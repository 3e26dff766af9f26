import { spawn } from "node:child_process";

export interface Finished {
  /** -1 when the program could not be started, took too long or was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface ProgramOptions {
  readonly cwd?: string;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** After which it is told to end; undefined: never. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and collects what it prints. It finds no standard input. */
export function runProgram(name: string, args: readonly string[], { cwd, env, timeoutMs }: ProgramOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error) => resolve({ code: -1, stdout: "", stderr: error.message }));
    child.on("close", (code) =>
      resolve({ code: code ?? -1, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) }),
    );
  });
}
