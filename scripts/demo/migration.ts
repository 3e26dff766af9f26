import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { columns } from "../../test-harness/matrix/src/columns.ts";
import { letterlock, type Ran, type Running } from "./letterlock.ts";
import { type MigrationPlace, startMigrationPlace } from "./migration-place.ts";
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
  const calls: string[][] = [["emulator calls", "AWS Decrypt", "Vault encrypt", "Vault decrypt"]];
  const step = async (name: string, words: readonly string[], running: Running = {}): Promise<Ran> => {
    const ran = await letterlock(folder, ["migrate", ...words], { env: place.env, ...running });
    addCalls(name);
    return ran;
  };
  const addCalls = (name: string, before = { Decrypt: 0, encrypt: 0, decrypt: 0 }): void => {
    const { Decrypt, encrypt, decrypt } = place.takeCalls();
    calls.push([name, counted(Decrypt + before.Decrypt), counted(encrypt + before.encrypt), counted(decrypt + before.decrypt)]);
  };
  const began = performance.now();
  await fill(place.database, join(folder, "letters"), place.keks.aws);
  console.log(
    `filled in ${((performance.now() - began) / 1000).toFixed(1)} s: an application that seals a hundred values under one data key\n`,
  );
  place.takeCalls();
  await step("plan", ["plan"]);

  heading("12. The run is killed in the middle, and the same command goes on from there");
  const seen = { Decrypt: 0, encrypt: 0, decrypt: 0 };
  const isHalfway = (): boolean => {
    const { Decrypt, encrypt, decrypt } = place.takeCalls();
    seen.Decrypt += Decrypt;
    seen.encrypt += encrypt;
    seen.decrypt += decrypt;
    return seen.Decrypt >= people / 2;
  };
  await letterlock(folder, ["migrate", "run", "--keep"], { env: place.env, killWhen: isHalfway });
  addCalls("run, killed", seen);
  const moved = await rowsFor(place.database, "vault-transit");
  console.log(
    `killed with SIGKILL: ${counted(moved)} of ${counted(people)} rows name the key in Vault, ${counted(people - moved)} do not yet\n`,
  );
  if (moved === 0 || moved === people) throw new Error("the run was not killed in the middle");
  await step("run, again", ["run", "--keep"]);

  heading("13. Verify with the Vault key alone, and take the AWS key away");
  await step("verify", ["verify"]);
  await step("finish", ["finish"]);

  heading("14. The AWS key is disabled: what is there now, compared with what was there before");
  place.disableAws();
  const same = await compareAll(place.database, join(folder, "letters"), [place.keks.vault]);
  console.log(`${counted(same)} of ${counted(people + letters)} plaintexts are what they were, opened with the Vault key alone\n`);
  const left = await rowsFor(place.database, "aws-kms");
  if (left > 0) throw new Error(`${left} rows name the AWS key still`);
  console.log("The books, as the journal has them: every object that was looked at is in exactly one class\n");
  printBooks((await letterlock(folder, ["migrate", "status", "--json"], { env: place.env, show: 0 })).stdout, moved);
  console.log(`\n${columns(calls)}`);
}

interface StatusLine {
  readonly command: string;
  readonly store: string;
  readonly state: string;
  readonly books?: { readonly scanned: number; readonly classes: Readonly<Record<string, number>> };
}

/** A killed run could not write its last second; the store, and not the journal, says where the next one begins. */
function printBooks(status: string, moved: number): void {
  const runs = status
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as StatusLine)
    .filter(({ books }) => books !== undefined);
  const names = Object.keys(runs[0]?.books?.classes ?? {});
  const rows = runs.map(({ command, store, state, books }) => {
    const counts = names.map((name) => books?.classes[name] ?? 0);
    const sum = counts.reduce((total, count) => total + count, 0);
    if (sum !== books?.scanned) throw new Error(`the books of ${command} ${store} do not add up`);
    return [store, command, state, ...counts.map(counted), `= ${counted(sum)}`];
  });
  console.log(columns([["store", "step", "", ...names, "scanned"], ...rows]));
  const again = runs.find(({ command, store, state }) => command === "run" && store === "people" && state === "done")?.books?.classes;
  if (again?.already !== moved || again.migrated !== people - moved)
    throw new Error("the second run did not begin where the first one ended");
}

function counted(count: number): string {
  return count.toLocaleString("en-US");
}
