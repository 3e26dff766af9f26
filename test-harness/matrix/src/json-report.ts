import { isClean, type Matrix } from "./matrix.ts";

/** Without the errors themselves: what a provider said can hold a request. */
export function jsonReport(matrix: Matrix): string {
  const cells = matrix.cells.map(({ adapter, server, passed, unproven, failed, stale, results }) => ({
    adapter,
    server,
    passed,
    unproven,
    failed,
    stale,
    results: results.map(({ id, title, outcome, reason, explanation, code }) => ({ id, title, outcome, reason, explanation, code })),
  }));
  return `${JSON.stringify({ ...matrix, cells, clean: isClean(matrix) }, undefined, 2)}\n`;
}
