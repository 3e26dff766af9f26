import { describe, expect, test } from "vitest";
import { pythonTests } from "../src/python-test-lines.ts";

const line = (name: string, passed: boolean): string => `${JSON.stringify({ name, passed, output: "" })}\n`;

describe("pythonTests", () => {
  test("takes one test a line and leaves other text aside", () => {
    const tests = pythonTests({ code: 1, stdout: `warning\n${line("a", true)}${line("b", false)}`, stderr: "" });
    expect(tests.map(({ name, passed }) => [name, passed])).toEqual([
      ["a", true],
      ["b", false],
    ]);
  });

  test("fails a run without tests, with what went wrong", () => {
    expect(pythonTests({ code: 0, stdout: "", stderr: "" })).toEqual([expect.objectContaining({ passed: false })]);
    expect(pythonTests({ code: -1, stdout: "", stderr: "ENOENT" })[0]?.output).toContain("ENOENT");
  });

  test("fails a run that broke off after tests that passed", () => {
    expect(pythonTests({ code: 1, stdout: line("a", true), stderr: "Traceback" }).map(({ passed }) => passed)).toEqual([true, false]);
  });
});
