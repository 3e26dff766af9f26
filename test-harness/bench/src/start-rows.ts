import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandMissing, letterlock, timed } from "./child.ts";
import { turns } from "./interleaved.ts";
import { median } from "./median.ts";
import type { Outcome } from "./row.ts";

const rounds = 41;

/** Whole processes, started in turns. */
export async function startRows(): Promise<Outcome[]> {
  return [await importRow(), await versionRow()];
}

/** Two programs that differ in the one module that they import. */
async function importRow(): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-bench-"));
  const program = (name: string, module: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `await import(${JSON.stringify(module)});\n`);
    return path;
  };
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "export {};\n");
  const withEmpty = program("with-empty.mjs", empty);
  const withCore = program("with-core.mjs", import.meta.resolve("@letterlock/core"));
  const times = await turns(
    { ours: async () => timed(process.execPath, [withCore]), empty: async () => timed(process.execPath, [withEmpty]) },
    rounds,
  );
  await rm(folder, { recursive: true });
  return {
    what: 'import("@letterlock/core"), over an empty module',
    ours: milliseconds(times.ours),
    peer: milliseconds(times.empty),
    result: median(times.ours.map((ms, round) => ms - (times.empty[round] ?? Number.NaN))),
    unit: "ms",
    bound: "at most",
    target: 15,
  };
}

async function versionRow(): Promise<Outcome> {
  const what = "letterlock --version";
  const missing = commandMissing();
  if (missing !== undefined) return { what, reason: missing };
  const { ours } = await turns({ ours: async () => timed(process.execPath, [letterlock, "--version"]) }, rounds);
  return { what, ours: milliseconds(ours), peer: "", result: median(ours), unit: "ms", bound: "at most", target: 150 };
}

function milliseconds(perRound: readonly number[]): string {
  return `${median(perRound).toFixed(1)} ms`;
}
