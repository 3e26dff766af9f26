import type { ClientTest } from "./client-test.ts";
import type { Finished } from "./program.ts";

/** A line of `go test -json`: see `go doc test2json`. */
interface GoEvent {
  readonly Action: string;
  readonly Test?: string;
  readonly Output?: string;
}

/**
 * The tests that a run of `go test -json` reported: those that have no tests of their own, and of the others those that failed by themselves.
 * A skipped test proves nothing and a started one that never ended is lost, so both have failed. A run that failed otherwise, or ran nothing, is one more failure.
 */
export function goTests({ code, stdout, stderr }: Finished): ClientTest[] {
  const events = stdout.split("\n").flatMap(eventIn);
  const names = [...new Set(events.flatMap(({ Test }) => Test ?? []))];
  const tests = names.map((name): ClientTest => {
    const own = events.filter(({ Test }) => Test === name);
    return { name, passed: own.some(({ Action }) => Action === "pass"), output: own.map(({ Output }) => Output ?? "").join("") };
  });
  const failed = (name: string): boolean => tests.some((test) => test.name.startsWith(`${name}/`) && !test.passed);
  const counted = tests.filter(({ name, passed }) =>
    names.some((other) => other.startsWith(`${name}/`)) ? !passed && !failed(name) : true,
  );
  if (counted.length > 0 && (code === 0 || counted.some(({ passed }) => !passed))) return counted;
  const rest = events.flatMap(({ Test, Output }) => (Test === undefined ? (Output ?? []) : []));
  return [
    ...counted,
    { name: "go test runs", passed: false, output: `${rest.join("")}${stderr}exit status ${code}, ${counted.length} tests` },
  ];
}

function eventIn(line: string): GoEvent[] {
  // Where a package does not build, go prints plain text between the events.
  if (!line.startsWith("{")) return line === "" ? [] : [{ Action: "output", Output: `${line}\n` }];
  return [JSON.parse(line) as GoEvent];
}
