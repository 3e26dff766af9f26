import { describe, expect, test } from "vitest";
import { notesIn } from "../step.ts";
import { closingLine, sum } from "../tally.ts";
import { tallyOf } from "../vitest-report.ts";

const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((one) => ({ status: one })) });

describe("the count of a vitest run", () => {
  test("is what the report says", () => {
    const mixed = { ...report, numFailedTests: 2, numPendingTests: 1, numTodoTests: 3, testResults: [file("failed", "passed", "failed")] };
    expect(tallyOf(mixed, false)).toEqual({ passed: 5, failed: 2, skipped: 4 });
    expect(tallyOf(report, true)).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  test("holds a failure for a run that left no report", () => {
    expect(tallyOf(undefined, true).failed).toBe(1);
  });

  test("holds a failure for a file that did not load", () => {
    expect(tallyOf({ ...report, testResults: [file("failed"), file("passed", "passed")] }, false).failed).toBe(1);
  });

  test("holds a failure for a run that failed although no test did", () => {
    expect(tallyOf(report, false).failed).toBe(1);
  });

  test("holds a failure for a run of no test", () => {
    expect(tallyOf({ ...report, numPassedTests: 0 }, true).failed).toBe(1);
  });
});

test("the closing line names the skipped ones only if there are any", () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  expect(closingLine(sum([one, one]))).toBe("2 passed, 0 failed");
  expect(closingLine(sum([one, { passed: 0, failed: 1, skipped: 2 }]))).toBe("1 passed, 1 failed, 2 skipped");
});

test("what was not run is noted once, and other output is not", () => {
  const output = "stderr | a.test.ts\nnot run: a, because b\n\nthis was not run: c\nnot run: a, because b\nnot run: d\n";
  expect(notesIn(output)).toEqual(["not run: a, because b", "not run: d"]);
});
