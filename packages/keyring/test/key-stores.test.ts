import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileKeyStore, memoryKeyStore, postgresKeyStore, postgresKeyTable } from "../src/index.ts";
import { testKeyStore } from "../src/vitest.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const memory = memoryKeyStore();
testKeyStore("memoryKeyStore", async () => memory);

const folder = await mkdtemp(join(tmpdir(), "letterlock-key-store-"));
running.defer(() => rm(folder, { recursive: true }));
testKeyStore("fileKeyStore", async () => fileKeyStore(folder));

test("fileKeyStore leaves no draft and nothing half destroyed behind", async () => {
  expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
});

test.each(["../../etc/passwd", "", "a".repeat(44), "."])("fileKeyStore makes no path of %j", async (name) => {
  await expect(fileKeyStore(folder).get(name)).rejects.toMatchObject({ code: "malformed" });
});

describe("postgresKeyStore", () => {
  const glite = new PGlite();
  running.defer(() => glite.close());
  beforeAll(async () => {
    await glite.query(postgresKeyTable());
    await glite.query("CREATE SCHEMA keys");
    await glite.query(postgresKeyTable("keys.user"));
    await glite.query(postgresKeyTable("keys.user"));
  });
  testKeyStore("on PGlite", async () => postgresKeyStore({ client: glite }));
  testKeyStore("on PGlite, in a table of another name", async () => postgresKeyStore({ client: glite, table: "keys.user" }));

  test("lists more than a page", async () => {
    const store = postgresKeyStore({ client: glite });
    await glite.query(
      `INSERT INTO letterlock_keys SELECT 'k' || n, 's' || n, 1, now(), '\\x00' FROM generate_series(1, 450) AS n ON CONFLICT DO NOTHING`,
    );
    const { rows } = await glite.query<{ count: number }>("SELECT count(*)::int AS count FROM letterlock_keys");
    const keyIds: string[] = [];
    for await (const { keyId } of store.list()) keyIds.push(keyId);
    expect(keyIds).toHaveLength(rows[0]?.count ?? 0);
    expect(keyIds).toEqual([...new Set(keyIds)].sort());
    await glite.query("DELETE FROM letterlock_keys WHERE key_id LIKE 'k%' AND slot LIKE 's%' AND blob = '\\x00'");
  });

  test.each(["Keys", "a.b.c", 'a"b', "a; DROP TABLE b", "", "1a", "a".repeat(64)])("makes no SQL of the table %j", (table) => {
    expect(() => postgresKeyStore({ client: glite, table })).toThrow(TypeError);
    expect(() => postgresKeyTable(table)).toThrow(TypeError);
  });
});
