import { describe, expect, test } from "vitest";
import { htmlReport } from "../src/html-report.ts";
import { jsonReport } from "../src/json-report.ts";
import { type Cell, isClean, type Matrix } from "../src/matrix.ts";
import { textReport } from "../src/text-report.ts";

const result = { title: "opens", requirement: "", listed: false, stale: false, durationMs: 1 } as const;
const cell: Cell = {
  adapter: "vault-transit",
  server: "OpenBao <2>",
  passed: 1,
  unproven: 1,
  failed: 0,
  stale: 0,
  results: [
    { ...result, id: "one", outcome: "passed" },
    { ...result, id: "two", outcome: "unproven", reason: "no quota & no limit" },
  ],
};
const clean: Matrix = {
  cells: [cell],
  pairs: [{ from: "a", to: "b", error: undefined }],
  outages: [{ recipients: ["a", "b", "c"], down: "a", openedBy: "b", error: undefined }],
  absent: [{ adapter: "gcp-kms", server: "a third-party server", reason: "there is none" }],
};
const secret = new Error("an error of the provider can hold a request: hunter2");
const failed: Matrix = {
  ...clean,
  cells: [{ ...cell, failed: 1, results: [{ ...result, id: "three", outcome: "failed", explanation: "it does not", error: secret }] }],
};

describe("the text", () => {
  test("counts, and says why something is unproven and what did not run", () => {
    const text = textReport(clean);
    expect(text).toMatch(/vault-transit +OpenBao <2> +1 +1 +0/);
    expect(text).toContain("* vault-transit on OpenBao <2>: two: no quota & no limit");
    expect(text).toContain("* gcp-kms on a third-party server: there is none");
    expect(text).toContain("1 of 1 ordered pairs");
    expect(text.endsWith("Nothing failed.")).toBe(true);
  });

  test("names what failed", () => {
    expect(textReport(failed)).toContain("* vault-transit on OpenBao <2>, three: it does not");
    expect(textReport(failed).endsWith("1 failed.")).toBe(true);
    expect(textReport({ ...clean, pairs: [{ from: "a", to: "b", error: "boom" }] })).toContain("* from a to b: boom");
  });
});

test("the page escapes what it shows", () => {
  const page = htmlReport(clean);
  expect(page).toContain("OpenBao &lt;2&gt;");
  expect(page).not.toContain("<2>");
  expect(page).toContain("no quota &amp; no limit");
  expect(page).toContain("Nothing failed.");
  expect(htmlReport(failed)).toContain("Something failed.");
});

test("the JSON can be read, and holds no error of a provider", () => {
  expect(JSON.parse(jsonReport(clean))).toMatchObject({ clean: true, cells: [{ adapter: "vault-transit", unproven: 1 }] });
  expect(JSON.parse(jsonReport(failed))).toMatchObject({ clean: false });
  expect(jsonReport(failed)).not.toContain("hunter2");
});

describe("a matrix", () => {
  test.each([
    ["a case failed", failed],
    ["a manifest is out of date", { ...clean, cells: [{ ...cell, stale: 1 }] }],
    ["a pair failed", { ...clean, pairs: [{ from: "a", to: "b", error: "boom" }] }],
    ["an outage was not survived", { ...clean, outages: [{ recipients: [], down: "a", openedBy: undefined, error: "boom" }] }],
  ])("is not clean when %s", (_what, matrix) => {
    expect(isClean(matrix)).toBe(false);
    expect(isClean(clean)).toBe(true);
  });
});
