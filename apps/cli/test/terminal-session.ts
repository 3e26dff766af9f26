import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { commandWords } from "./letterlock-command.ts";

/** `script` of util-linux gives a command a terminal of its own. */
export const terminalAvailable: boolean = spawnSync("script", ["--version"]).status === 0;

export interface TerminalSession {
  readonly child: ChildProcess;
  /** Resolves when the screen shows the text after what was waited for before. */
  shows(text: string): Promise<void>;
  type(text: string): void;
  readonly ended: Promise<{ readonly status: number | null; readonly screen: string }>;
}

export function onTerminal(words: readonly string[], cwd: string): TerminalSession {
  const command = [...commandWords, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { cwd });
  let screen = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString("utf8");
    for (const look of waiting) look();
  });
  const ended = new Promise<{ status: number | null; screen: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, screen }));
  });
  return {
    child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = screen.indexOf(text, seen);
          if (at < 0) return;
          seen = at + text.length;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        ended.then(() => reject(new Error(`ended without showing ${text}: ${screen}`)), reject);
        look();
      }),
    type: (text) => child.stdin.write(text),
  };
}
