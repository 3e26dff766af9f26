// Runs every adapter on every server that is here, and every pair, and writes the table as text, JSON and HTML. Exit status 1: something failed.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { htmlReport } from "./html-report.ts";
import { jsonReport } from "./json-report.ts";
import { type Cell, isClean, runMatrix } from "./matrix.ts";
import { oneForEachProvider, targetsHere } from "./targets.ts";
import { textReport } from "./text-report.ts";

const { values } = parseArgs({ options: { out: { type: "string" }, quick: { type: "boolean", default: false } } });
const folder = resolve(values.out ?? join(import.meta.dirname, "..", "..", "..", ".reports", "matrix"));
const progress = ({ adapter, server, passed, unproven, failed }: Cell): void =>
  console.error(`${adapter} on ${server}: ${passed} passed, ${unproven} unproven, ${failed} failed`);

const { targets, absent } = values.quick ? oneForEachProvider() : targetsHere();
const matrix = await runMatrix(targets, absent, progress);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "matrix.json"), jsonReport(matrix));
await writeFile(join(folder, "matrix.html"), htmlReport(matrix));
console.log(`${textReport(matrix)}\n\nWritten: ${join(folder, "matrix.html")}, ${join(folder, "matrix.json")}`);
if (!isClean(matrix)) process.exitCode = 1;
