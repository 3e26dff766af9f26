import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command, type Finished, root } from "./command.ts";
import { closingLine, sum, type Tally } from "./tally.ts";
import { tallyOf, type VitestReport } from "./vitest-report.ts";

export interface Step {
  readonly name: string;
  run(): Promise<Outcome>;
}

interface Outcome extends Finished {
  readonly tally: Tally;
  /** Lines to show although the step is fine: what it left out. */
  readonly notes?: readonly string[];
}

/** A step that passes or fails as a whole. */
export function check(name: string, run: () => Promise<Finished>): Step {
  return {
    name,
    async run() {
      const finished = await run();
      return { ...finished, tally: { passed: finished.ok ? 1 : 0, failed: finished.ok ? 0 : 1, skipped: 0 } };
    },
  };
}

/** A run of vitest on the given Node, counted test by test. */
export function vitest(name: string, node: string, args: readonly string[]): Step {
  return {
    name,
    async run() {
      const file = join(root, ".reports", `${name.replaceAll(/\W+/g, "-")}.json`);
      rmSync(file, { force: true });
      const entry = join(root, "node_modules", "vitest", "vitest.mjs");
      const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
      const finished = await command(node, [entry, "run", ...reporters, ...args]);
      const tally = tallyOf(reportIn(file), finished.ok);
      return { ...finished, ok: tally.failed === 0, tally, notes: notesIn(finished.output) };
    },
  };
}

/** A test file that leaves something out, because the machine lacks what it needs, prints a line that begins like this. */
export function notesIn(output: string): string[] {
  return [...new Set(output.match(/^not run: .+$/gm))];
}

/** Runs all of them, whatever fails, and prints the output of those that do. Ends with the line that CI reads. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const tallies: Tally[] = [];
  for (const step of steps) {
    const started = performance.now();
    const { ok, output, tally, notes = [] } = await outcome(step);
    tallies.push(tally);
    const time = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    console.log(`${ok ? "ok  " : "FAIL"}  ${step.name}  (${closingLine(tally)}, ${time})`);
    for (const note of notes) console.log(`      ${note}`);
    if (!ok) console.log(`\n${output.trimEnd().replaceAll(/^/gm, "      ")}\n`);
  }
  const total = sum(tallies);
  console.log(`\n${closingLine(total)}`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function outcome(step: Step): Promise<Outcome> {
  try {
    return await step.run();
  } catch (error) {
    return { ok: false, output: String(error instanceof Error ? error.stack : error), tally: { passed: 0, failed: 1, skipped: 0 } };
  }
}

function reportIn(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined;
  }
}
