import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

const main = join(import.meta.dirname, "../src/main.ts");

/** The words that start the command as it stands in the sources. */
export const commandWords: readonly string[] = [process.execPath, "--conditions=source", main];

/** Hundreds of processes load the same modules: Node keeps what it made of them, by their contents, for the next process and the next run. */
const compileCache = join(import.meta.dirname, "../node_modules/.cache/letterlock-compiled");

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone after the test. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "letterlock-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "letterlock-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with an executable `letterlock`, for PATH. */
export function binFolder(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "letterlock"), `#!/bin/sh\nexec ${commandWords.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  chmodSync(join(bin, "letterlock"), 0o755);
  return bin;
}

type Environment = Readonly<Record<string, string>>;

export function start(words: readonly string[], cwd: string, environment: Environment = {}): ChildProcess {
  const [program = "", ...rest] = [...commandWords, ...words];
  return spawn(program, rest, { cwd, env: { ...cleanEnvironment(), ...environment } });
}

/** The command in a folder and an environment. */
export function letterlockIn(cwd: string, environment: Environment): (...words: readonly string[]) => Promise<Ran> {
  return (...words) => ended(start(words, cwd, environment));
}

export function letterlock(cwd: string, words: readonly string[], input: string | Uint8Array = ""): Promise<Ran> {
  return ended(start(words, cwd), input);
}

export function shell(cwd: string, script: string, path: string, environment: Environment = {}): Promise<Ran> {
  const env = { ...cleanEnvironment(), ...environment, PATH: `${path}:${process.env.PATH ?? ""}` };
  return ended(spawn("sh", ["-c", `umask 022\n${script}`], { cwd, env }), "");
}

export function ended(child: ChildProcess, input: string | Uint8Array = ""): Promise<Ran> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A command that fails early does not read its input.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") });
    });
  });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _force, NO_COLOR: _colour, ...environment } = process.env;
  // What a developer has set for real providers must not reach a test.
  const clean = Object.entries(environment).filter(([name]) => !/^(AWS|AZURE|GOOGLE|LETTERLOCK|VAULT)_/.test(name));
  return { ...Object.fromEntries(clean), NODE_COMPILE_CACHE: compileCache };
}
