import { describe, expect, test } from "vitest";
import { goTests } from "../src/go-test-events.ts";

describe("goTests", () => {
  test("takes each test without tests of its own, with what it printed", () => {
    const stdout = events(
      { Action: "run", Test: "TestA" },
      { Action: "run", Test: "TestA/one" },
      { Action: "output", Test: "TestA/one", Output: "said\n" },
      { Action: "pass", Test: "TestA/one" },
      { Action: "pass", Test: "TestA" },
      { Action: "pass" },
    );
    expect(goTests({ code: 0, stdout, stderr: "" })).toEqual([{ name: "TestA/one", passed: true, output: "said\n" }]);
  });

  test("takes a failure once, where it happened", () => {
    const stdout = events({ Action: "fail", Test: "TestA/one" }, { Action: "fail", Test: "TestA" }, { Action: "fail" });
    expect(names(goTests({ code: 1, stdout, stderr: "" }))).toEqual(["FAIL TestA/one"]);
  });

  test("takes a test that failed after its own tests passed", () => {
    const stdout = events({ Action: "pass", Test: "TestA/one" }, { Action: "fail", Test: "TestA" }, { Action: "fail" });
    expect(names(goTests({ code: 1, stdout, stderr: "" }))).toEqual(["ok TestA/one", "FAIL TestA"]);
  });

  test("fails what was skipped and what never ended", () => {
    const stdout = events({ Action: "skip", Test: "TestA" }, { Action: "run", Test: "TestB" });
    expect(names(goTests({ code: 2, stdout, stderr: "" }))).toEqual(["FAIL TestA", "FAIL TestB"]);
  });

  test("fails a run without tests, one that does not build and one that could not be started", () => {
    expect(names(goTests({ code: 0, stdout: events({ Action: "pass" }), stderr: "" }))).toEqual(["FAIL go test runs"]);
    const build = goTests({ code: 1, stdout: `# letterlock/clients\n./a_test.go:1: undefined\n${events({ Action: "fail" })}`, stderr: "" });
    expect(build).toEqual([expect.objectContaining({ passed: false, output: expect.stringContaining("undefined") })]);
    expect(goTests({ code: -1, stdout: "", stderr: "spawn go ENOENT" })[0]?.output).toContain("ENOENT");
  });

  test("fails a run that failed although every test passed", () => {
    const stdout = events({ Action: "pass", Test: "TestA" }, { Action: "fail" });
    expect(names(goTests({ code: 1, stdout, stderr: "" }))).toEqual(["ok TestA", "FAIL go test runs"]);
  });
});

function events(...all: readonly object[]): string {
  return all.map((event) => `${JSON.stringify(event)}\n`).join("");
}

function names(tests: ReturnType<typeof goTests>): string[] {
  return tests.map(({ name, passed }) => `${passed ? "ok" : "FAIL"} ${name}`);
}
