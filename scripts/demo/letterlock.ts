import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const entry = join(import.meta.dirname, "..", "..", "apps", "cli", "dist", "main.js");

export interface Ran {
  readonly status: number;
  readonly seconds: number;
  readonly lastLine: string;
}

/** Runs the built command, prints it as one would type it, and what it printed: all of it, or the last `show` lines. */
export function letterlock(
  cwd: string,
  words: readonly string[],
  { show = 20, expectFailure = false }: { show?: number; expectFailure?: boolean } = {},
): Ran {
  console.log(`$ letterlock ${words.join(" ")}`);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...words], { cwd, encoding: "utf8" });
  const seconds = (performance.now() - started) / 1000;
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
  if (lines.length > show) console.log(`  … ${lines.length - show} lines more`);
  for (const line of lines.slice(-show)) console.log(`  ${line}`);
  if ((status !== 0) !== expectFailure) throw new Error(`letterlock ${words[0]} ended with exit status ${status}`);
  return { status: status ?? 1, seconds, lastLine: lines.at(-1) ?? "" };
}

export const quietly = {
  /** The passphrase itself is never shown, nor passed as an argument. */
  writePassphrase: (path: string): Promise<void> =>
    writeFile(path, `${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url")}\n`, { mode: 0o600 }),
};
