import { styleText } from "node:util";
import { causeLines, errorReport } from "../error-report.ts";
import type { ExitStatus } from "../exit-status.ts";
import { jsonLine } from "./json-line.ts";
import { printable } from "./printable.ts";
import { createProgress, type Progress } from "./progress.ts";

// The rules of the terminal: results go to standard output, unless the data goes there, then to standard error. Errors go to standard error, each
// one line that starts with "letterlock:". With --json every result and every error is one line of JSON. Colours and the progress bar appear on a
// terminal only.

export interface ReportOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

export interface Report {
  readonly progress: Progress;
  /** From now on standard output carries data. */
  dataOnStdout(): void;
  /** A result: the lines for people, and the same for machines. `always` shows it in spite of --quiet, because it is what was asked for; `machines` only with --json. */
  result(lines: string, json: object, shown?: "always" | "machines"): void;
  /** Something to know that is no failure. */
  warning(message: string, json: object): void;
  failed(error: unknown, input?: string): ExitStatus;
}

export function createReport({ json = false, quiet = false, debug = false }: ReportOptions): Report {
  const progress = createProgress(process.stderr, { shown: !quiet && !json });
  let results: NodeJS.WriteStream = process.stdout;
  return {
    progress,
    dataOnStdout() {
      results = process.stderr;
    },
    result(lines, object, shown) {
      if ((quiet && shown !== "always") || (!json && shown === "machines")) return;
      progress.clear();
      results.write(json ? `${jsonLine(object)}\n` : `${lines}\n`);
    },
    warning(message, object) {
      if (quiet) return;
      progress.clear();
      process.stderr.write(json ? `${jsonLine({ warning: message, ...object })}\n` : `letterlock: ${message}\n`);
    },
    failed(error, input) {
      progress.clear();
      const said = errorReport(error);
      const where = input === undefined ? "" : `${printable(input)}: `;
      const line = json
        ? jsonLine({ ...said, ...(input === undefined ? {} : { input }) })
        : `${styleText("red", "letterlock:", { stream: process.stderr })} ${where}${printable(said.message)}`;
      process.stderr.write(`${line}\n`);
      if (debug) process.stderr.write(`${details(error)}\n`);
      return said.exitStatus;
    },
  };
}

function details(error: unknown): string {
  const { attempts } = errorReport(error);
  const tried = (attempts ?? []).map(({ provider, keyRef, code }) => `    tried ${provider} ${printable(keyRef)}: ${code}`);
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), ...tried, ...causeLines(error).map(printable)].join(
    "\n",
  );
}
