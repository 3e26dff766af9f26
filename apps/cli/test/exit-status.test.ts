import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LetterlockError, type LetterlockErrorCode } from "@letterlock/core";
import { describe, expect, it } from "vitest";
import { errorReport } from "../src/error-report.ts";
import { exitStatuses } from "../src/exit-status.ts";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

describe("the exit status", () => {
  it.each(Object.entries(exitStatuses))("of %s is in the README", (code, status) => {
    expect(readme).toMatch(new RegExp(`^\\| ${status} \\|.*\`${code}\``, "m"));
  });

  // Providers come with their adapters; these codes cannot be provoked offline, so the mapping is tested directly.
  it.each(["access-denied", "kek-not-found", "throttled", "unavailable", "provider-error", "unknown-key"] satisfies LetterlockErrorCode[])(
    "follows the code %s",
    (code) => {
      const attempts = [{ provider: "p", keyRef: "k", code, cause: new Error("secret") }];
      const report = errorReport(new LetterlockError(code, "it failed", { attempts }));
      expect(report).toMatchObject({ code, exitStatus: exitStatuses[code], attempts: [{ provider: "p", keyRef: "k", code }] });
      expect(JSON.stringify(report)).not.toContain("secret");
    },
  );

  it("of something unforeseen is 1, with a line that says so", () => {
    expect(errorReport(new Error("boom"))).toEqual({
      code: "unexpected",
      message: "unexpected error: boom (--debug shows more)",
      exitStatus: 1,
    });
  });
});
