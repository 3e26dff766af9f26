import { runWith } from "../../src/run.ts";
import { keysOf, openStore, type Setup, verificationOf } from "./crash-setup.ts";

// A process that migrates until it is killed; with "once", until one run has left nothing to do.
const setup = JSON.parse(process.argv[2] ?? "") as Setup;
const once = process.argv[3] === "once";
const { old, target } = keysOf(setup);
const { store } = await openStore(setup);
process.stdout.write("ready\n");
for (;;) {
  const books = await runWith(verificationOf(setup), { store, from: [old], to: [target] }, { concurrency: 6 });
  if (once && books.ok && books.classes.migrated === 0) process.exit(0);
}
