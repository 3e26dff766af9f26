import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const entry = join(import.meta.dirname, "..", "..", "apps", "cli", "dist", "main.js");

export interface Ran {
  readonly status: number;
  readonly seconds: number;
  readonly lastLine: string;
  readonly stdout: string;
}

export interface Running {
  readonly show?: number;
  readonly expectFailure?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** How a word is printed, where it is too long to read. */
  readonly spelling?: (word: string) => string;
  /** How a line of the output is printed, where it is too long to read. */
  readonly reading?: (line: string) => string;
  /** Asked again and again: the command gets a SIGKILL when it is true, and ending before that is a failure. */
  readonly killWhen?: () => boolean;
}

/** Runs the built command, prints it as one would type it, and what it printed: all of it, or the last `show` lines. */
export async function letterlock(cwd: string, words: readonly string[], running: Running = {}): Promise<Ran> {
  const { show = 20, expectFailure = false, env = {}, spelling = (word) => word, reading = (line) => line, killWhen } = running;
  console.log(`$ letterlock ${words.map(spelling).join(" ")}`);
  const started = performance.now();
  const child = spawn(process.execPath, [entry, ...words], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const output: { stdout: string; stderr: string } = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  const watch = killWhen && setInterval(() => killWhen() && child.kill("SIGKILL"), 5);
  const status = await new Promise<number | "killed">((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal === "SIGKILL" ? "killed" : (code ?? 1)));
  });
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  const lines = `${output.stdout}${output.stderr}`.split("\n").filter((line) => line !== "");
  const hidden = lines.length - show;
  if (hidden > 0) console.log(`  … ${hidden} ${hidden === 1 ? "line" : "lines"} more`);
  for (const line of lines.slice(lines.length - Math.min(show, lines.length))) console.log(`  ${reading(line)}`);
  const expected = killWhen === undefined ? (status !== 0) === expectFailure : status === "killed";
  if (!expected) throw new Error(`letterlock ${words[0]} ended with exit status ${status}`);
  return { status: status === "killed" ? killedStatus : status, seconds, lastLine: lines.at(-1) ?? "", stdout: output.stdout };
}

/** What a shell says of a process that got a SIGKILL. */
const killedStatus = 137;

export const quietly = {
  /** The passphrase itself is never shown, nor passed as an argument. */
  writePassphrase: (path: string): Promise<void> =>
    writeFile(path, `${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url")}\n`, { mode: 0o600 }),
};
