#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { nodeFault } from "./node-version.ts";

const words = process.argv.slice(2);
const fault = nodeFault(process.versions.node);

// Nothing else is loaded for this, so that scripts can ask for the version at no cost.
if (words[0] === "--version" || words[0] === "-V") {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  process.stdout.write(`${version}\n`);
} else if (fault !== undefined) {
  // Before the other modules: they use what an old Node does not have.
  process.stderr.write(words.includes("--json") ? `${JSON.stringify({ code: "usage", message: fault, exitStatus: 2 })}\n` : `${fault}\n`);
  process.exitCode = 2;
} else {
  const { run } = await import("./run.ts");
  const status = await run(words);
  // Standard output may be a pipe that is not empty yet, and standard input one that nobody reads to its end.
  process.stdout.write("", (error) => process.exit(error == null ? status : 1));
}
