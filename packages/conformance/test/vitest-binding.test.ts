import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

let report: Report["testResults"][number]["assertionResults"];

beforeAll(async () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const config = join(import.meta.dirname, "binding", "vitest.config.ts");
  const folder = await mkdtemp(join(tmpdir(), "letterlock-binding-"));
  const file = join(folder, "report.json");
  const started = [vitest, "run", "--config", config, "--reporter=json", `--outputFile=${file}`];
  // It exits with 1, because tests fail.
  await new Promise<void>((resolve) => execFile(process.execPath, started, () => resolve()));
  const { testResults } = JSON.parse(await readFile(file, "utf8")) as Report;
  await rm(folder, { recursive: true });
  report = testResults.flatMap(({ assertionResults }) => assertionResults);
}, 60_000);

test.each([
  ["passing", "passed", ""],
  ["unproven by default", "skipped", ""],
  ["unproven and strict", "failed", "unproven: the subject has no requests"],
  ["listed and strict", "skipped", ""],
  ["stale", "failed", "the case passes now, take it out of the manifest: the server is too simple"],
  ["failing", "failed", "unproven: the subject has no key a"],
  ["wrong", "failed", "owns said true of the keyRef"],
])("a case that is %s is %s", (name, status, message) => {
  const found = report.filter(({ fullName }) => fullName.startsWith(`${name}: the KEK `));
  expect(found.map((one) => one.status)).toEqual([status]);
  expect(found[0]?.failureMessages.join()).toContain(message);
});

test("registers one test for each case, named after it", () => {
  const whole = report.filter(({ fullName }) => fullName.startsWith("whole: the KEK "));
  expect(whole).toHaveLength(10);
  expect(whole.map(({ fullName }) => fullName)).toContain("whole: the KEK unwraps the data key that it wrapped (round-trip)");
});
