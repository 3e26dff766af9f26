import { once } from "node:events";
import { finish, finishWith } from "../../src/finish.ts";
import type { Migration, WalkOptions } from "../../src/index.ts";
import { runWith } from "../../src/run.ts";
import { verifiedRewrap } from "../../src/verified-rewrap.ts";
import { verify } from "../../src/verify-migration.ts";
import { keysOf, openStore, type Setup, unverified } from "./crash-setup.ts";
import { type OwnDeath, tellingOperations } from "./operations.ts";
import { seeded } from "./seeded.ts";

/** What a process is told to do, once it has loaded. */
export interface Orders {
  /** "run" moves at once, "keep" keeps the old recipients and then finishes; each again and again. "last" does the second until there is nothing left to do. */
  readonly mode: "run" | "keep" | "last";
  readonly seed: number;
  readonly death?: OwnDeath | undefined;
}

// A process that migrates until it is killed. What it does and does not do it tells through its fourth descriptor.
const setup = JSON.parse(process.argv[2] ?? "") as Setup;
const { mutation } = setup;
process.stdout.write("loaded\n");
const [line] = (await once(process.stdin, "data")) as [Buffer];
const { mode, seed, death } = JSON.parse(line.toString()) as Orders;
const operations = tellingOperations(3, death);
const { old, target } = keysOf(setup, seeded(seed));
await using opened = await openStore(setup, operations);
const migration: Migration = { store: opened.store, from: [old], to: [target] };
// What was sprinkled in stays as it is.
const walk: WalkOptions = { concurrency: 6, accept: ["foreign", "quarantined"] };
const isBlind = mutation === "a run that keeps and does not verify" || mutation === "no verification in finish";
const keep = isBlind || mode !== "run";
const verified = isBlind || mutation === "no verification" ? unverified : verifiedRewrap;

async function finished(): Promise<boolean> {
  if (mutation !== "no verification in finish") return (await finish(migration, walk)).finished;
  const clean: typeof verify = async (...all) => ({ ...(await verify(...all)), clean: true });
  await finishWith(
    { verify: clean, verified: (blob, keks, of, call) => unverified(blob, { ...keks, from: [old] }, of, call) },
    migration,
    walk,
  );
  return true;
}

for (;;) {
  operations.note("(");
  const books = await runWith(verified, migration, { ...walk, keep });
  operations.note(")");
  if (!keep) continue;
  operations.note("(");
  const isFinished = await finished();
  operations.note(")");
  if (mode === "last" && isFinished && books.ok && books.classes.migrated === 0) break;
}
process.exit(0);
