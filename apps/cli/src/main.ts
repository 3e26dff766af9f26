#!/usr/bin/env node
import { readFileSync } from "node:fs";

const words = process.argv.slice(2);

// Nothing else is loaded for this, so that scripts can ask for the version at no cost.
if (words[0] === "--version" || words[0] === "-V") {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  process.stdout.write(`${version}\n`);
} else {
  const { run } = await import("./run.ts");
  const status = await run(words);
  // Standard output may be a pipe that is not empty yet, and standard input one that nobody reads to its end.
  process.stdout.write("", (error) => process.exit(error == null ? status : 1));
}
