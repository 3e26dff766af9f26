import { discardDrafts } from "./files/draft.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C, a polite kill, a closed terminal: what is half written goes, and the status is 130. */
export function endOnInterrupt(): void {
  for (const signal of signals) process.on(signal, end);
}

/** For a command that runs until it is interrupted: its end is then its own affair. A second signal ends it as any other command. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const first = (): void => {
      for (const signal of signals) process.off(signal, first).on(signal, end);
      resolve();
    };
    for (const signal of signals) process.off(signal, end).on(signal, first);
  });
}

function end(): void {
  discardDrafts();
  process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}letterlock: interrupted; the unfinished output was removed\n`);
  process.exit(130);
}
