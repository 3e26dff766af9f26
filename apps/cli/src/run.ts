import { CommanderError } from "commander";
import type { ExitStatus } from "./exit-status.ts";
import { usage } from "./failure.ts";
import { endOnClosedOutput } from "./files/standard-streams.ts";
import { endOnInterrupt } from "./interrupt.ts";
import { createProgram } from "./program.ts";
import { splitKekLists } from "./split-kek-lists.ts";
import { createReport, type Report } from "./terminal/report.ts";

/** Runs a command line; resolves to the exit status, never rejects. */
export async function run(words: readonly string[]): Promise<ExitStatus> {
  endOnInterrupt();
  const report = createReport({ json: words.includes("--json"), debug: words.includes("--debug"), quiet: words.includes("--quiet") });
  endOnClosedOutput(report.failed);
  reportWarnings(report);
  let status: ExitStatus = 0;
  const program = createProgram((result) => {
    status = result;
  });
  try {
    await program.parseAsync(splitKekLists(words), { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return report.failed(error);
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") return 2;
    return report.failed(usage(`${error.message.replace(/^error: /, "").replaceAll("\n", " ")} (--help shows how)`));
  }
}

/** What Node and the SDKs warn of keeps to the rules of the terminal too: one line each, of JSON where that was asked for, and none under --quiet. */
function reportWarnings(report: Report): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    // What of node:sqlite is used here has stayed as it is since Node.js 22.13.
    if (name === "ExperimentalWarning" && message.startsWith("SQLite ")) return;
    report.warning(`${name}: ${message}`, { name });
  });
}
