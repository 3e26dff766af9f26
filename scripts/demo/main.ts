// The demo: the command on real files, on four emulated providers, and in a migration. It works in a folder of its own and removes it at the end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesDemo } from "./files.ts";
import { migrationDemo } from "./migration.ts";
import { providersDemo } from "./providers.ts";

const parts = [filesDemo, providersDemo, migrationDemo];
const began = performance.now();
const work = await mkdtemp(join(tmpdir(), "letterlock-demo-"));

try {
  for (const part of parts) await part(work, (text) => console.log(`\n${text}\n`));
} finally {
  await rm(work, { recursive: true, force: true });
}
console.log(`\nEverything that the demo claims was checked, in ${((performance.now() - began) / 1000).toFixed(0)} s`);
