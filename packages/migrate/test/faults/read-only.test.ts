import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asStored, type Kek, open, seal, toText } from "@letterlock/core";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { afterAll, describe, expect, test } from "vitest";
import { type EnvelopeStore, fileStore, ndjsonStore, postgresStore, run, sqliteStore } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { forbidWriting } from "../support/forbid.ts";
import { newKek } from "../support/keys.ts";
import { connectAll } from "../support/postgres-connections.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const [old, target] = [newKek("old"), newKek("new")];
const texts = ["first", "second", "third"];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-read-only-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything fails, everything is there; and when `allow` has been called, everything is migrated. */
async function expectRefused(
  store: EnvelopeStore,
  allow: () => Promise<void>,
  reason: RegExp,
  again: EnvelopeStore = store,
): Promise<void> {
  const migration = { store, from: [old], to: [target] };
  const books = await run(migration, { concurrency: 2 });
  const { exceptions } = books;
  await allow();
  expect(books).toMatchObject({ scanned: 3, ok: false, classes: { failed: 3 }, codes: { store: 3 } });
  for (const one of exceptions) expect(one.reason).toMatch(reason);
  expect(await textsIn(again, [old])).toEqual(texts);
  expect(await run({ ...migration, store: again })).toMatchObject({ ok: true, classes: { migrated: 3 } });
  expect(await textsIn(again, [target])).toEqual(texts);
}

async function textsIn(store: EnvelopeStore, keks: readonly Kek[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { read } of everything(store)) {
    const bytes = Buffer.from(await read());
    const object = bytes.toString("latin1", 0, 4) === "ltrl" ? new Uint8Array(Buffer.from(bytes.toString(), "base64url")) : bytes;
    found.push(Buffer.from(await open(object, keks, { context: asStored() })).toString());
  }
  return found;
}

const sealed = (): Promise<Uint8Array[]> => Promise.all(texts.map((text) => seal(Buffer.from(text), [old])));

describe("what may be read only", () => {
  test("is a folder of files", async () => {
    const folder = await newFolder();
    for (const [i, object] of (await sealed()).entries()) await writeFile(join(folder, String(i)), object);
    await expectRefused(fileStore({ folder }), await forbidWriting(folder), /EACCES/);
    expect(await readdir(folder)).toEqual(["0", "1", "2"]);
  });

  test("is a folder below, while its neighbour migrates", async () => {
    const folder = await newFolder();
    for (const [i, object] of (await sealed()).entries()) {
      await mkdir(join(folder, String(i)));
      await writeFile(join(folder, String(i), "object"), object);
      // Whoever root becomes may replace his own files.
      if (process.getuid?.() === 0) await chown(join(folder, String(i), "object"), 65_534, process.getgid?.() ?? 0);
    }
    await chmod(folder, 0o777);
    for (const i of [0, 2]) await chmod(join(folder, String(i)), 0o777);
    const allow = await forbidWriting(join(folder, "1"));
    const migration = { store: fileStore({ folder }), from: [old], to: [target] };
    const books = await run(migration);
    await allow();
    expect(books).toMatchObject({ ok: false, classes: { migrated: 2, failed: 1 } });
    expect(await run(migration)).toMatchObject({ ok: true, classes: { migrated: 1, already: 2 } });
    expect(await textsIn(migration.store, [target])).toEqual(texts);
  });

  test("is a folder with a file of lines", async () => {
    const folder = await newFolder();
    const file = join(folder, "lines");
    await writeFile(file, (await sealed()).map((object) => `${JSON.stringify({ ssn: toText(object) })}\n`).join(""));
    await expectRefused(ndjsonStore({ file, fields: ["ssn"] }), await forbidWriting(folder), /EACCES/);
    expect(await readdir(folder)).toEqual(["lines"]);
  });

  test("is a connection to SQLite", async () => {
    const file = join(await newFolder(), "data.db");
    const database = new DatabaseSync(file);
    made.defer(() => database.close());
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, secret BLOB)");
    for (const object of await sealed()) database.prepare("INSERT INTO t (secret) VALUES (?)").run(object);
    const readOnly = new DatabaseSync(file, { readOnly: true });
    made.defer(() => readOnly.close());
    const openStore = (of: DatabaseSync): EnvelopeStore => sqliteStore({ database: of, table: "t", column: "secret" });
    await expectRefused(openStore(readOnly), async () => undefined, /readonly/, openStore(database));
  });
});

test("a file that may only be read is replaced where its folder may be written, and keeps its mode", async () => {
  const folder = await newFolder();
  for (const [i, object] of (await sealed()).entries()) await writeFile(join(folder, String(i)), object, { mode: 0o444 });
  expect(await run({ store: fileStore({ folder }), from: [old], to: [target] })).toMatchObject({ ok: true, classes: { migrated: 3 } });
  for (const i of texts.keys()) expect((await stat(join(folder, String(i)))).mode & 0o777).toBe(0o444);
});

test("a file that may not be read at all is failed, and stays", async () => {
  const folder = await newFolder();
  for (const [i, object] of (await sealed()).entries()) await writeFile(join(folder, String(i)), object);
  const before = await readFile(join(folder, "1"));
  await chmod(join(folder, "1"), 0o000);
  // Nobody is root while the folder is closed, and root reads everything.
  const allow = await forbidWriting(folder);
  const books = await run({ store: fileStore({ folder }), from: [old], to: [target] });
  await allow();
  expect(books).toMatchObject({ scanned: 3, ok: false, classes: { failed: 3 } });
  await chmod(join(folder, "1"), 0o600);
  expect(await readFile(join(folder, "1"))).toEqual(before);
});

describe.skipIf(!requireDebianServer("postgresql"))("a PostgreSQL", () => {
  test.each([
    ["in read-only transactions", ["SET default_transaction_read_only = on"], /read-only transaction/],
    ["with a role that may only read", ["CREATE ROLE reader", "GRANT SELECT ON users TO reader", "SET ROLE reader"], /permission denied/],
  ] as const)("%s ends in failed, loses nothing, and is finished with the right to write", async (_name, setting, reason) => {
    await using server = await startPostgres();
    const [owner, reader] = [await connectAll(server.endpoint, 2), await connectAll(server.endpoint, 1)];
    await owner.query("CREATE TABLE users (id int PRIMARY KEY, ssn bytea)");
    for (const [i, object] of (await sealed()).entries()) await owner.query("INSERT INTO users VALUES ($1, $2)", [i, Buffer.from(object)]);
    for (const statement of setting) await reader.query(statement);
    const openStore = (client: typeof owner): EnvelopeStore => postgresStore({ client, table: "users", column: "ssn" });
    await expectRefused(openStore(reader), async () => undefined, reason, openStore(owner));
    await Promise.all([owner.end(), reader.end()]);
  });
});
