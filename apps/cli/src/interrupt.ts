import { discardDrafts } from "./files/draft.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C, a polite kill, a closed terminal: what is half written goes, and the status is 130. */
export function endOnInterrupt(): void {
  for (const signal of signals) process.on(signal, end);
}

/** For a command whose end after an interrupt is its own affair. A second signal ends it at once; `last` is what is said then. */
export function untilInterrupted(last: string = unfinished): Promise<void> {
  return new Promise((resolve) => {
    const first = (): void => {
      for (const signal of signals) process.off(signal, first).on(signal, () => endWith(last));
      resolve();
    };
    for (const signal of signals) process.off(signal, end).on(signal, first);
  });
}

const unfinished = "interrupted; the unfinished output was removed";

function end(): void {
  endWith(unfinished);
}

function endWith(last: string): void {
  discardDrafts();
  process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}letterlock: ${last}\n`);
  process.exit(130);
}
