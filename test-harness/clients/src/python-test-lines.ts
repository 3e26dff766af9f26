import type { ClientTest } from "./client-test.ts";
import type { Finished } from "./program.ts";

/** The tests that `python/run.py` reported, a JSON object a line. A run that ended otherwise than it should, or ran nothing, is one more failure. */
export function pythonTests({ code, stdout, stderr }: Finished): ClientTest[] {
  const tests = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as ClientTest] : []));
  if (tests.length > 0 && (code === 0 || tests.some(({ passed }) => !passed))) return tests;
  return [...tests, { name: "the Python tests run", passed: false, output: `${stderr}exit status ${code}, ${tests.length} tests` }];
}
