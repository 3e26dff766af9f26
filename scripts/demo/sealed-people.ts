import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { createKeyCache, inspect, type Kek, open, seal } from "@letterlock/core";

export const people = 20_000;
export const letters = 300;

const context = { table: "people" };
const ssn = (id: number): string => `${String(100 + (id % 900))}-${String(id).padStart(6, "0")}`;
const letter = (name: string): string => `Dear ${name},\n${"this stays between us. ".repeat(40)}\n`;

/** What an application does: seals as rows and files come, with a data key for each hundred. */
export async function fill(database: PGlite, folder: string, kek: Kek): Promise<void> {
  using cache = createKeyCache({ maxAgeMs: 600_000, maxUses: 100, maxBytes: 2 ** 30, maxEntries: 10 });
  const sealed = (text: string) => seal(Buffer.from(text), [kek], { context, cache });
  await database.exec("CREATE SCHEMA app; CREATE TABLE app.people (id int PRIMARY KEY, ssn bytea NOT NULL)");
  for (let first = 1; first <= people; first += 1_000) {
    const rows: { id: number; ssn: string }[] = [];
    for (let id = first; id < first + 1_000; id++) rows.push({ id, ssn: `\\x${Buffer.from(await sealed(ssn(id))).toString("hex")}` });
    await database.query("INSERT INTO app.people SELECT * FROM json_to_recordset($1) AS row(id int, ssn bytea)", [rows]);
  }
  await mkdir(folder);
  for (let number = 1; number <= letters; number++) {
    const name = `letter-${String(number).padStart(3, "0")}`;
    await writeFile(join(folder, name), await sealed(letter(name)));
  }
}

/** How many rows have a recipient of the provider, as their headers say. */
export async function rowsFor(database: PGlite, provider: string): Promise<number> {
  const { rows } = await database.query<{ ssn: Uint8Array }>("SELECT ssn FROM app.people");
  return rows.filter(({ ssn: object }) => {
    const info = inspect(object);
    return info.type !== "record" && info.header.recipients.some((recipient) => recipient.provider === provider);
  }).length;
}

/** Opens every row and every file with these KEKs alone; throws where one is not what it was. */
export async function compareAll(database: PGlite, folder: string, keks: readonly Kek[]): Promise<number> {
  const { rows } = await database.query<{ id: number; ssn: Uint8Array }>("SELECT id, ssn FROM app.people ORDER BY id");
  if (rows.length !== people) throw new Error(`there were ${people} rows, and there are ${rows.length}`);
  const expect = async (what: string, object: Uint8Array, text: string): Promise<void> => {
    const opened = Buffer.from(await open(object, keks, { context })).toString();
    if (opened !== text) throw new Error(`${what} is not what it was`);
  };
  for (let first = 0; first < people; first += 1_000)
    await Promise.all(rows.slice(first, first + 1_000).map((row) => expect(`row ${row.id}`, row.ssn, ssn(row.id))));
  const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
  if (names.length !== letters) throw new Error(`there were ${letters} files, and there are ${names.length}`);
  await Promise.all(names.map(async (name) => expect(name, await readFile(join(folder, name)), letter(name))));
  return rows.length + names.length;
}
