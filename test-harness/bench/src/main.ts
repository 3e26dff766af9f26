import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { markdownTable } from "./markdown-table.ts";
import { isMeasured, isMet, type Outcome } from "./row.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rows: { type: "string", default: "100000" },
    json: { type: "string" },
    assert: { type: "boolean", default: false },
  },
});

/** Loaded one at a time, so that the modules of one do not weigh on the measurement of another. */
const groups: Readonly<Record<string, () => Promise<Outcome[]>>> = {
  record: async () => (await import("./record-rows.ts")).recordRows(),
  keyring: async () => (await import("./keyring-rows.ts")).keyringRows(),
  cached: async () => (await import("./cached-rows.ts")).cachedRows(),
  stream: async () => (await import("./stream-rows.ts")).streamRows(),
  file: async () => (await import("./file-rows.ts")).fileRows(),
  memory: async () => (await import("./memory-rows.ts")).memoryRows(),
  start: async () => (await import("./start-rows.ts")).startRows(),
  adapters: async () => (await import("./adapter-rows.ts")).adapterRows(),
  migrate: async () => (await import("./migrate-rows.ts")).migrateRows(Number(values.rows)),
};

const chosen = values.only?.split(",") ?? Object.keys(groups);
const outcomes: Outcome[] = [];
for (const name of chosen) {
  const measure = groups[name];
  if (measure === undefined) throw new TypeError(`unknown rows ${JSON.stringify(name)}; known are ${Object.keys(groups).join(", ")}`);
  console.error(`measuring ${name} ...`);
  outcomes.push(...(await measure()));
}

const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()}`;
console.log(`${machine}\n\n${markdownTable(outcomes)}`);
if (values.json !== undefined) {
  const rows = outcomes.map((outcome) => (isMeasured(outcome) ? { ...outcome, met: isMet(outcome) } : { ...outcome, met: false }));
  writeFileSync(values.json, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
}
if (values.assert && !outcomes.every((outcome) => isMeasured(outcome) && isMet(outcome))) process.exitCode = 1;
