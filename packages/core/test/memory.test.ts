import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Measured, scenarioNames } from "./support/memory-child.ts";

// Rule 7, by looking: each scenario runs in a process that searches its own memory for the data keys that its KEKs saw.

const run = promisify(execFile);
const child = new URL("./support/memory-child.ts", import.meta.url).pathname;
const endsByItself = new Set([
  "one-shot",
  "streams",
  "rewrap, refresh, rekey, verify",
  "a failed open and an abort",
  "garbage collections during wrap",
  "localKek",
  "passphraseKek",
]);
// The child runs TypeScript as it is, `using` included: Node 24.
const possible = process.platform === "linux" && Number.parseInt(process.versions.node, 10) >= 24;

async function measured(scenario: string): Promise<Measured> {
  const { stdout } = await run(process.execPath, ["--expose-gc", "--disable-warning=ExperimentalWarning", child, scenario]);
  return JSON.parse(stdout) as Measured;
}

describe.skipIf(!possible)("the memory of a process (needs /proc/self/mem of Linux and Node 24)", () => {
  test.concurrent.each(scenarioNames.filter((name) => !endsByItself.has(name)))(
    "holds the data key before %s, so the search can find one, and nothing of it after",
    { timeout: 180_000 },
    async (scenario) => {
      const { live, after } = await measured(scenario);
      expect(live).not.toEqual([]);
      expect(after).toEqual([]);
    },
  );

  test.concurrent.each(scenarioNames.filter((name) => endsByItself.has(name)))(
    "holds nothing of the data key after %s",
    { timeout: 180_000 },
    async (scenario) => {
      expect((await measured(scenario)).after).toEqual([]);
    },
  );
});
