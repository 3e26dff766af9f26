import { discardDrafts } from "./files/draft.ts";

/** Ctrl-C, a polite kill, a closed terminal: what is half written goes, and the status is 130. */
export function endOnInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      discardDrafts();
      process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}letterlock: interrupted; the unfinished output was removed\n`);
      process.exit(130);
    });
  }
}
