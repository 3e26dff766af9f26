import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { columns } from "../../test-harness/matrix/src/columns.ts";
import { letterlock, type Ran, type Running } from "./letterlock.ts";
import { type Calls, type MigrationPlace, startMigrationPlace } from "./migration-place.ts";
import { compareAll, fill, letters, people, rowsFor } from "./sealed-people.ts";

/** A table and a folder move from one provider to another, by a command that is killed once on the way. */
export async function migrationDemo(work: string, heading: (text: string) => void): Promise<void> {
  heading(
    `11. A migration from AWS KMS to Vault: ${counted(people)} rows of a PostgreSQL table and ${letters} files, sealed by an application`,
  );
  const folder = join(work, "migration");
  await mkdir(folder);
  const place = await startMigrationPlace(folder);
  try {
    await migrate(place, folder, heading);
  } finally {
    await place.close();
  }
}

async function migrate(place: MigrationPlace, folder: string, heading: (text: string) => void): Promise<void> {
  const { database, env, keks, keyArn } = place;
  const made = callTable(place);
  const reading = (line: string): string => line.replaceAll(keyArn, "$AWS_KEY").replaceAll(/(version [0-9a-f]{8})[0-9a-f]{56}/g, "$1…");
  const step = (words: readonly string[], running: Running = {}): Promise<Ran> =>
    letterlock(folder, ["migrate", ...words], { env, reading, ...running });

  const began = performance.now();
  await fill(database, join(folder, "letters"), keks.aws);
  console.log(`AWS_KEY=${keyArn}`);
  console.log(`filled in ${seconds(began)}, by an application that seals a hundred values under each data key\n`);
  made.enter("the application seals");
  await step(["plan"]);
  made.enter("plan");

  heading("12. The run is killed in the middle, and the same command goes on from there");
  await step(["run", "--keep"], { killWhen: () => made.count().Decrypt >= people / 2 });
  made.enter("run, killed");
  const moved = await rowsFor(database, "vault-transit");
  console.log(`  killed with SIGKILL: ${counted(moved)} of ${counted(people)} rows have the key in Vault, the others do not have it yet\n`);
  if (moved === 0 || moved === people) throw new Error("the run was not killed in the middle");
  await step(["run", "--keep"]);
  made.enter("run, again");

  heading("13. Verify with the Vault key alone, and then take the AWS key away");
  await step(["verify"]);
  made.enter("verify");
  await step(["finish", "--report", "finish.html"]);
  made.enter("finish");
  const report = await readFile(join(folder, "finish.html"), "utf8");
  console.log(`finish.html, for those who decide, begins with: ${/<strong>(.*?)<\/strong>/.exec(report)?.[1]}`);

  heading("14. The AWS key is disabled: what is there now, compared with what was there before");
  place.disableAws();
  const compared = performance.now();
  const same = await compareAll(database, join(folder, "letters"), [keks.vault]);
  const left = await rowsFor(database, "aws-kms");
  console.log(
    `${counted(same)} of ${counted(people + letters)} plaintexts are what they were, opened with the Vault key alone in ${seconds(compared)}`,
  );
  console.log(`${left} rows have the AWS key\n`);
  if (left > 0) throw new Error("finish left an old recipient");
  printBooks((await step(["status", "--json"], { show: 0 })).stdout, moved);
  console.log("\nWhat the emulators were asked: one request to Vault can hold many calls\n");
  console.log(made.table());
}

interface StatusLine {
  readonly command: string;
  readonly store: string;
  readonly state: string;
  readonly books?: { readonly scanned: number; readonly classes: Readonly<Record<string, number>> };
}

/** Where the second run began is told by the store, and not by the journal, which lacks up to a second of a process that was killed. */
function printBooks(status: string, moved: number): void {
  const runs = status
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as StatusLine)
    .filter(({ command, books }) => command !== "plan" && books !== undefined);
  const names = Object.keys(runs[0]?.books?.classes ?? {});
  const rows = runs.map(({ command, store, state, books }) => {
    const counts = names.map((name) => books?.classes[name] ?? 0);
    const sum = counts.reduce((total, count) => total + count, 0);
    if (sum !== books?.scanned) throw new Error(`the books of ${command} ${store} do not add up`);
    return [store, command, state, ...counts.map(counted), `= ${counted(books.scanned)}`];
  });
  console.log(
    "\nThe books: every object that was looked at is in exactly one class; those that finish migrated lost their AWS recipient\n",
  );
  console.log(columns([["store", "step", "ended", ...names, "scanned"], ...rows]));
  const again = runs.find(({ command, store, state }) => command === "run" && store === "people" && state === "done")?.books?.classes;
  if (again?.already !== moved || again.migrated !== people - moved)
    throw new Error("the second run did not begin where the first one ended");
  console.log(`\npeople: ${counted(moved)} before the kill + ${counted(again.migrated)} after it = ${counted(people)}`);
}

/** Requests of each step, by operation. */
function callTable({ takeCalls }: MigrationPlace) {
  const rows: string[][] = [["step", "AWS GenerateDataKey", "AWS Decrypt", "Vault encrypt", "Vault decrypt"]];
  const none: Calls = { GenerateDataKey: 0, Decrypt: 0, encrypt: 0, decrypt: 0 };
  let sum = none;
  const count = (): Calls => {
    const { GenerateDataKey, Decrypt, encrypt, decrypt } = takeCalls();
    sum = {
      GenerateDataKey: sum.GenerateDataKey + GenerateDataKey,
      Decrypt: sum.Decrypt + Decrypt,
      encrypt: sum.encrypt + encrypt,
      decrypt: sum.decrypt + decrypt,
    };
    return sum;
  };
  return {
    /** Since the last entry. */
    count,
    enter(step: string): void {
      const { GenerateDataKey, Decrypt, encrypt, decrypt } = count();
      rows.push([step, ...[GenerateDataKey, Decrypt, encrypt, decrypt].map(counted)]);
      sum = none;
    },
    table: (): string => columns(rows),
  };
}

function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
