import type { Tally } from "./tally.ts";

/** The part of vitest's JSON report that counts. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** A file that failed without a failed test did not load, and a run that failed without either crashed or left an error unhandled: each is one failure. */
export function tallyOf(report: VitestReport | undefined, ok: boolean): Tally {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = report.numFailedTests + unloaded;
  const silent = failed === 0 && (!ok || report.numPassedTests === 0) ? 1 : 0;
  return { passed: report.numPassedTests, failed: failed + silent, skipped: report.numPendingTests + report.numTodoTests };
}
