import { PGlite } from "@electric-sql/pglite";
import { asStored, fromText, open, seal, toText } from "@letterlock/core";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, postgresStore, run, verify } from "../src/index.ts";
import { newKek } from "./support/keys.ts";
import { postgresClient } from "./support/postgres-client.ts";
import { layouts, postgresSubject } from "./support/postgres-subjects.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe("postgresStore on PGlite", () => {
  const glite = new PGlite();
  running.defer(() => glite.close());
  for (const [name, layout] of Object.entries(layouts))
    testShippedStore("postgresStore", `${name}, on PGlite`, () => postgresSubject(layout, glite, () => glite));

  test.each([
    ["bigint", "9007199254740993, -5, 12, 3"],
    ["uuid", "'00000000-0000-0000-0000-000000000002', 'ffffffff-0000-0000-0000-000000000001'"],
    ["timestamptz", "'2020-01-01 00:00:00.000001+00', '2020-01-01 00:00:00.000002+00'"],
    ["numeric", "0.1, 0.10000000000000000001, 1e30"],
    ["double precision", "0.1, 0.30000000000000004, '-infinity', 'infinity'"],
    ["bytea", "'\\x00', '\\xff00', '\\x'"],
    ["date", "'0001-01-01 BC', 'infinity', '2020-02-29'"],
    ["boolean", "true, false"],
    ["inet", "'10.0.0.1', '::1'"],
    ["char(5)", "'a', 'b  ', 'abcde'"],
  ])("pages by a key of type %s", async (type, values) => {
    const table = `key_${type.replaceAll(/\W/g, "_")}`;
    await glite.query(`CREATE TABLE ${table} (id ${type} PRIMARY KEY, secret text)`);
    const rows = values.split(", ");
    for (const value of rows) await glite.query(`INSERT INTO ${table} VALUES (${value}, 'hello')`);
    const store = postgresStore({ client: glite, table, column: "secret", pageRows: 1 });
    let seen = 0;
    for (const partition of await store.partitions(2)) {
      for await (const { id, version } of store.scan(partition, {})) {
        seen += 1;
        expect(await store.replace(id, version, Buffer.from(`changed ${seen}`)), id).toBe("replaced");
      }
    }
    expect(seen).toBe(rows.length);
  });

  // A bare name in an ORDER BY is that of an output column first, where a key is a text and 10 is before 9.
  test.each(["key", "version", "size", "value"])("pages by a key column that is called %s", async (column) => {
    const table = `called_${column}`;
    await glite.query(`CREATE TABLE ${table} (${column} bigint PRIMARY KEY, secret text)`);
    await glite.query(`INSERT INTO ${table} SELECT i, 'hello' || (100 - i) FROM generate_series(1, 30) i`);
    const store = postgresStore({ client: glite, table, column: "secret", pageRows: 4 });
    const ids: string[] = [];
    for (const partition of await store.partitions(2)) for await (const { id } of store.scan(partition, {})) ids.push(id);
    expect(ids).toEqual(Array.from({ length: 30 }, (_, i) => `["${i + 1}"]`));
  });

  test.each([
    [1, [1_003]],
    [4, [251, 251, 251, 250]],
    [2_000, Array.from({ length: 1_003 }, () => 1)],
  ])("cuts a table into %i equal parts without counting it again for each", async (target, sizes) => {
    await glite.query("CREATE TABLE IF NOT EXISTS cut (id bigint PRIMARY KEY, secret text)");
    await glite.query("INSERT INTO cut SELECT i * 7, 'hello' FROM generate_series(1, 1003) i ON CONFLICT DO NOTHING");
    let queries = 0;
    const client = {
      query(text: string, values?: unknown[]) {
        if (text.includes('FROM "cut"')) queries += 1;
        return glite.query(text, values);
      },
    };
    const store = postgresStore({ client, table: "cut", column: "secret" });
    const partitions = await store.partitions(target);
    expect(queries).toBe(target === 1 ? 0 : 2);
    const counts: number[] = [];
    for (const partition of partitions.slice(0, 8)) {
      let count = 0;
      for await (const _ of store.scan(partition, {})) count += 1;
      counts.push(count);
    }
    expect([partitions.length, counts]).toEqual([sizes.length, sizes.slice(0, 8)]);
  });

  test("migrates rows, keeps what others write into the same document, and finishes", async () => {
    const [old, target] = [newKek("old"), newKek("new")];
    await glite.query("CREATE TABLE users (id serial PRIMARY KEY, data json)");
    for (let i = 0; i < 25; i++)
      await glite.query("INSERT INTO users (data) VALUES ($1)", [
        JSON.stringify({ ssn: toText(await seal(Buffer.from(`ssn ${i}`), [old])), visits: 0 }),
      ]);
    await glite.query(`INSERT INTO users (data) VALUES (NULL), ('{"ssn": null}'), ('{"other": 1}'), ('{"ssn": 5}'), ('[]')`);
    const store = postgresStore({ client: glite, table: "users", column: "data", path: ["ssn"], pageRows: 10 });
    let visited = false;
    const books = await run(
      { store, from: [old], to: [target] },
      {
        keep: true,
        accept: ["foreign"],
        onProgress: () => {
          if (visited) return;
          visited = true;
          void glite.query(
            `UPDATE users SET data = jsonb_set(data::jsonb, '{visits}', '1')::json WHERE json_typeof(data->'visits') = 'number'`,
          );
        },
      },
    );
    expect(books).toMatchObject({ scanned: 26, classes: { migrated: 25, foreign: 1 }, ok: true });
    expect(await verify({ store, from: [old], to: [target] }, { accept: ["foreign"] })).toMatchObject({
      clean: true,
      withOldRecipients: 25,
    });
    expect(await finish({ store, from: [old], to: [target] }, { accept: ["foreign"] })).toMatchObject({
      finished: true,
      removed: { classes: { migrated: 25 } },
    });
    const { rows } = await glite.query<{ data: { ssn: string; visits: number } }>(
      "SELECT data FROM users WHERE data->>'ssn' LIKE 'ltrl%' ORDER BY id",
    );
    expect(
      await Promise.all(
        rows.map(async ({ data }) => Buffer.from(await open(fromText(data.ssn), [target], { context: asStored() })).toString()),
      ),
    ).toEqual(rows.map((_, i) => `ssn ${i}`));
    expect(new Set(rows.map(({ data }) => data.visits))).toEqual(new Set([1]));
  });

  test.each<[string, object, RegExp]>([
    ["a table that is not there", { table: "nothing" }, /nothing/],
    ["a column that is not there", { table: "plain", column: "x" }, /no column x/],
    ["a column of another type", { table: "plain", column: "n" }, /type integer/],
    ["a path in a text", { table: "plain", column: "secret", path: ["a"] }, /no path/],
    ["a table without a key", { table: "keyless", column: "secret" }, /no primary key/],
    ["a key that is not there", { table: "keyless", column: "secret", key: ["y"] }, /no column y/],
  ])("refuses %s", async (_, options, message) => {
    await glite.query("CREATE TABLE IF NOT EXISTS plain (id int PRIMARY KEY, n int, secret text); ").catch(() => undefined);
    await glite.query("CREATE TABLE IF NOT EXISTS keyless (id int, secret text)");
    const store = postgresStore({ client: glite, table: "plain", column: "secret", ...options });
    await expect(store.scan('{"above":null,"upTo":null}', {})[Symbol.asyncIterator]().next()).rejects.toThrow(message);
  });

  test("makes no SQL of a name, an id or a path", async () => {
    await glite.query('CREATE TABLE "od""d" (id text PRIMARY KEY, "se""cret" text)');
    await glite.query(`INSERT INTO "od""d" VALUES ('a', 'hello')`);
    const store = postgresStore({ client: glite, table: 'od"d', column: 'se"cret' });
    for await (const { id, version } of store.scan((await store.partitions(1))[0] ?? "", {}))
      expect(await store.replace(id, version, Buffer.from("x'); DROP TABLE users; --"))).toBe("replaced");
    for (const id of ["", "a", "[1]", "[]", '["a","b"]', "null"])
      await expect(store.replace(id, "", new Uint8Array())).rejects.toThrow(TypeError);
    expect(() => postgresStore({ client: glite, table: "t", column: "c", path: [] })).toThrow(TypeError);
    expect(() => postgresStore({ client: {} as PGlite, table: "t", column: "c" })).toThrow(TypeError);
  });
});

describe.skipIf(!requireDebianServer("postgresql"))("postgresStore on PostgreSQL", () => {
  const clients: Client[] = [];
  beforeAll(async () => {
    const server = running.use(await startPostgres());
    for (let i = 0; i < 4; i++) {
      const client = await postgresClient(server.endpoint);
      await client.connect();
      running.defer(() => client.end());
      clients.push(client);
    }
  }, 60_000);
  let opened = 0;
  const another = () => clients[1 + (opened++ % 3)] as Client;
  for (const [name, layout] of Object.entries(layouts))
    testShippedStore("postgresStore", name, () => postgresSubject(layout, clients[0] as Client, another));
});
