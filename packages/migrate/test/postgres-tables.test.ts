import { PGlite } from "@electric-sql/pglite";
import { asStored, fromText, type Kek, open, seal, toText } from "@letterlock/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type EnvelopeStore, type PostgresStoreOptions, postgresStore, run, verify } from "../src/index.ts";
import { newKek } from "./support/keys.ts";

describe("postgresStore on tables that would mislead it", () => {
  const client = new PGlite();
  afterAll(() => client.close());
  let [old, target]: [Kek, Kek] = [newKek("old"), newKek("new")];
  let text = "";
  beforeEach(async () => {
    [old, target] = [newKek("old"), newKek("new")];
    text = toText(await seal(Buffer.from("hello"), [old]));
  });
  const stored = (table: string, options: Partial<PostgresStoreOptions> = {}): EnvelopeStore =>
    postgresStore({ client, table, column: "secret", pageRows: 10, ...options });
  const scanned = async (store: EnvelopeStore, parts = 1): Promise<number> => {
    let count = 0;
    for (const partition of await store.partitions(parts)) for await (const _ of store.scan(partition, {})) count += 1;
    return count;
  };

  test("refuses a key that no unique index is of, where a page would end among rows of one key", async () => {
    await client.query(
      "CREATE TABLE grouped (id serial PRIMARY KEY, place int NOT NULL, city int NOT NULL, secret text, UNIQUE (city, id))",
    );
    await client.query("INSERT INTO grouped (place, city, secret) SELECT i / 7, i / 9, $1 FROM generate_series(1, 50) i", [text]);
    await expect(scanned(stored("grouped", { key: ["place"] }))).rejects.toThrow(/no unique index of grouped is of the columns place/);
    await expect(scanned(stored("grouped", { key: ["city"] }))).rejects.toThrow(/no unique index/);
    expect(await scanned(stored("grouped", { key: ["city", "id"] }))).toBe(50);
    // More columns than a unique index has are unique too.
    expect(await scanned(stored("grouped", { key: ["place", "id"] }), 3)).toBe(50);
  });

  test("takes no index of some rows or of an expression for one that is unique", async () => {
    await client.exec(`CREATE TABLE partly (id int NOT NULL, secret text); CREATE UNIQUE INDEX ON partly (id) WHERE id > 5;
      CREATE TABLE expressed (id int NOT NULL, secret text); CREATE UNIQUE INDEX ON expressed ((id + 1))`);
    for (const table of ["partly", "expressed"]) await expect(scanned(stored(table, { key: ["id"] }))).rejects.toThrow(/no unique index/);
  });

  test("ends a scan of a view, or of tables that inherit, where two rows have one key", async () => {
    await client.exec(`CREATE TABLE base (id serial PRIMARY KEY, place int NOT NULL, secret text); CREATE VIEW seen AS SELECT * FROM base;
      CREATE TABLE parent (id int PRIMARY KEY, secret text); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)`);
    await client.query("INSERT INTO base (place, secret) SELECT i / 10, $1 FROM generate_series(0, 39) i", [text]);
    for (const table of ["parent", "child"]) await client.query(`INSERT INTO ${table} SELECT i, $1 FROM generate_series(1, 30) i`, [text]);
    expect(await scanned(stored("seen", { key: ["id"] }))).toBe(40);
    // Every page ends between two keys, and still.
    for (const pageRows of [1, 10, 100])
      await expect(scanned(stored("seen", { key: ["place"], pageRows }))).rejects.toThrow(/two rows of seen/);
    for (const pageRows of [1, 2, 7]) await expect(scanned(stored("parent", { pageRows }))).rejects.toThrow(/two rows of parent/);
  });

  test("says where rows have a null in their key, which is above none and below none", async () => {
    await client.query("CREATE TABLE nullable (id int UNIQUE, secret text)");
    await client.query("INSERT INTO nullable SELECT i, $1 FROM generate_series(1, 30) i", [text]);
    expect(await scanned(stored("nullable", { key: ["id"] }), 3)).toBe(30);
    await client.query("INSERT INTO nullable VALUES (NULL, NULL)");
    expect(await scanned(stored("nullable", { key: ["id"] }), 3)).toBe(30);
    await client.query("INSERT INTO nullable VALUES (NULL, $1)", [text]);
    for (const parts of [1, 3]) await expect(scanned(stored("nullable", { key: ["id"] }), parts)).rejects.toThrow(/would be left out/);
  });

  test("takes what an index has beside its key for no part of the key", async () => {
    await client.query("CREATE TABLE covering (id int, note text, secret text, PRIMARY KEY (id) INCLUDE (note))");
    await client.query("INSERT INTO covering SELECT i, nullif(i % 2, 1)::text, $1 FROM generate_series(1, 25) i", [text]);
    expect(await run({ store: stored("covering"), from: [old], to: [target] })).toMatchObject({ ok: true, classes: { migrated: 25 } });
  });

  test("refuses a role that rows may be hidden from, unless it is told so", async () => {
    await client.exec(`CREATE TABLE hiding (id int PRIMARY KEY, tenant int, secret text); ALTER TABLE hiding ENABLE ROW LEVEL SECURITY;
      CREATE ROLE tenant; GRANT ALL ON hiding TO tenant; CREATE POLICY own ON hiding USING (tenant = 1)`);
    await client.query("INSERT INTO hiding SELECT i, i % 2, $1 FROM generate_series(1, 10) i", [text]);
    await client.exec("SET ROLE tenant");
    try {
      const migration = { from: [old], to: [target] };
      await expect(verify({ ...migration, store: stored("hiding") })).rejects.toThrow(/policies may hide rows of hiding/);
      expect(await run({ ...migration, store: stored("hiding", { hiddenRows: true }) })).toMatchObject({ scanned: 5, ok: true });
    } finally {
      await client.exec("RESET ROLE");
    }
    expect(await scanned(stored("hiding"))).toBe(10);
  });

  // India's IST is read as Israel's: rows of three hours and a half would be left out after each page.
  test("pages by a date however the session writes dates", async () => {
    await client.exec(
      "CREATE TABLE dated (id timestamptz PRIMARY KEY, secret text); SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kolkata'",
    );
    try {
      await client.query(
        `INSERT INTO dated SELECT at, $1 FROM (SELECT '2020-01-01 00:00:00.000001'::timestamptz + i * interval '1 minute' AS at FROM generate_series(1, 300) i
         UNION VALUES ('-infinity'::timestamptz), ('infinity'), ('0044-03-15 BC'), ('1850-01-01')) AS times`,
        [text],
      );
      const migration = { store: stored("dated"), from: [old], to: [target] };
      expect(await run(migration, { partitions: await stored("dated").partitions(3) })).toMatchObject({ classes: { migrated: 304 } });
      expect(await verify(migration)).toMatchObject({ clean: true, scanned: 304 });
    } finally {
      await client.exec("RESET DateStyle; RESET TimeZone");
    }
  });

  test("refuses a key of numbers that the session rounds", async () => {
    await client.exec("CREATE TABLE rounded (id double precision PRIMARY KEY, secret text); SET extra_float_digits = 0");
    await expect(scanned(stored("rounded"))).rejects.toThrow(/extra_float_digits/);
    await client.exec("RESET extra_float_digits");
    expect(await scanned(stored("rounded"))).toBe(0);
  });

  test.each([
    ["cuts it", "new.secret := left(new.secret, 200); RETURN new;"],
    ["keeps the old one", "RETURN old;"],
  ])("writes nothing where a trigger %s", async (name, body) => {
    const table = `with_trigger_${name.length}`;
    await client.exec(`CREATE TABLE ${table} (id int PRIMARY KEY, secret text)`);
    await client.query(`INSERT INTO ${table} SELECT i, $1 FROM generate_series(1, 3) i`, [text]);
    await client.exec(`CREATE FUNCTION change_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.id = 2 THEN ${body} END IF; RETURN new; END $$;
      CREATE TRIGGER change BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION change_${table}()`);
    const books = await run({ store: stored(table), from: [old], to: [target] });
    expect(books).toMatchObject({ ok: false, classes: { migrated: 2, failed: 1 } });
    expect(books.exceptions).toMatchObject([
      { id: '["2"]', code: "store", reason: expect.stringContaining("a trigger changed the object") },
    ]);
    const { rows } = await client.query<{ secret: string }>(`SELECT secret FROM ${table} WHERE id = 2`);
    expect(rows).toEqual([{ secret: text }]);
  });

  test("changes no other character of a column of type json", async () => {
    await client.query("CREATE TABLE documents (id int PRIMARY KEY, data json)");
    const around = (secret: string): string => `{ "z": 1, "z": 2, "n": 1.50e2,  "secret" : "${secret}", "a": "\\u00e9" }`;
    const escaped = text.replace("l", "\\u006c");
    const documents = [
      around(text),
      `{"secret": "${text}", "again": "${text}"}`,
      `{"secret": "${escaped}", "b": 1}`,
      `{"secret": "${text}", "x": "\\u0000"}`,
    ];
    for (const [i, document] of documents.entries()) await client.query("INSERT INTO documents VALUES ($1, $2)", [i, document]);
    const store = stored("documents", { column: "data", path: ["secret"] });
    // PostgreSQL takes no document apart that has a NUL in it.
    expect(await run({ store, from: [old], to: [target] })).toMatchObject({ classes: { migrated: 3, foreign: 1 } });
    const { rows } = await client.query<{ data: string }>("SELECT data::text AS data FROM documents ORDER BY id");
    const changed = rows.map(({ data }) => /"secret" ?: "(ltrl[\w-]*)"/.exec(data)?.[1] ?? "");
    for (const one of changed.slice(0, 3))
      expect(await open(fromText(one), [target], { context: asStored() })).toEqual(new Uint8Array(Buffer.from("hello")));
    expect(rows[0]?.data).toBe(around(changed[0] ?? ""));
    expect(JSON.parse(rows[1]?.data ?? "")).toEqual({ secret: changed[1], again: text });
    expect(rows[3]?.data).toBe(documents[3]);
  });
});
