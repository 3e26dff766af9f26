import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { type SqliteDatabase, sqliteStore } from "../src/index.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

async function newDatabase(): Promise<() => DatabaseSync> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-sqlite-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return () => {
    const database = new DatabaseSync(join(folder, "data.db"));
    made.defer(() => database.close());
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000");
    return database;
  };
}

const layouts = {
  "bytes by a text": {
    create: "CREATE TABLE t (name TEXT PRIMARY KEY, secret BLOB) WITHOUT ROWID",
    textOnly: false,
    idOf: (name: string) => JSON.stringify([`text ${name}`]),
  },
  "texts by two columns": {
    create: "CREATE TABLE t (tenant INTEGER DEFAULT 3, name TEXT, secret TEXT, PRIMARY KEY (tenant, name))",
    textOnly: true,
    idOf: (name: string) => JSON.stringify(["integer 3", `text ${name}`]),
  },
};

for (const [name, { create, textOnly, idOf }] of Object.entries(layouts)) {
  testShippedStore("sqliteStore", `with ${name}`, async () => {
    const connect = await newDatabase();
    const database = connect();
    database.exec(create);
    const open = (of: DatabaseSync) => sqliteStore({ database: of, table: "t", column: "secret" });
    return {
      store: open(database),
      another: async () => open(connect()),
      textOnly,
      put: async (id, object) => {
        const value = textOnly ? Buffer.from(object).toString() : object;
        const { changes } = database.prepare("UPDATE t SET secret = ? WHERE name = ?").run(value, id);
        if (changes === 0) database.prepare("INSERT INTO t (name, secret) VALUES (?, ?)").run(id, value);
        return idOf(id);
      },
      delete: async (id) => void database.prepare("DELETE FROM t WHERE name = ?").run(id),
      get: async (id) => {
        const row = database.prepare("SELECT CAST(secret AS BLOB) AS secret FROM t WHERE name = ?").get(id);
        return row === undefined ? undefined : (row.secret as Uint8Array);
      },
      forbid: async () => {
        database.exec("PRAGMA query_only = ON");
        return async () => database.exec("PRAGMA query_only = OFF");
      },
      // A connection has all rights on its file, so the table is out of reach instead.
      forbidReading: async () => {
        database.exec("ALTER TABLE t RENAME TO hidden");
        return async () => database.exec("ALTER TABLE hidden RENAME TO t");
      },
    };
  });
}

describe("sqliteStore", () => {
  test("tells keys of every type apart, and takes the rowid where there is no key", async () => {
    const database = (await newDatabase())();
    database.exec(
      "CREATE TABLE t (id PRIMARY KEY, secret); CREATE TABLE keyless (secret); INSERT INTO keyless VALUES ('a'), (x'00'), (5), (NULL)",
    );
    database.exec("INSERT INTO t VALUES (9007199254740993, 'a'), ('9007199254740993', 'b'), (x'39', 'c'), ('', 'd'), (-1, 'e')");
    for (const [table, rows] of [
      ["t", 5],
      ["keyless", 3],
    ] as const) {
      const store = sqliteStore({ database, table, column: "secret" });
      const ids: string[] = [];
      for await (const { id, version } of store.scan("0/1", {})) {
        ids.push(id);
        expect(await store.replace(id, version, Buffer.from(`new ${id}`)), id).toBe("replaced");
      }
      expect(new Set(ids).size).toBe(rows);
    }
    const changed = database.prepare("SELECT CAST(secret AS TEXT) AS secret FROM t ORDER BY id").all();
    expect(changed.map(({ secret }) => secret)).toEqual([
      'new ["integer -1"]',
      'new ["integer 9007199254740993"]',
      'new ["text "]',
      'new ["text 9007199254740993"]',
      'new ["blob 39"]',
    ]);
  });

  test("compares in the UPDATE itself: another process may write after every look", async () => {
    const connect = await newDatabase();
    const [database, other] = [connect(), connect()];
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, secret); INSERT INTO t VALUES (1, 'before')");
    for (const [write, answer, left] of [
      ["UPDATE t SET secret = 'his'", "conflict", ["his"]],
      ["DELETE FROM t", "gone", []],
    ] as const) {
      let isLooked = false;
      const disturbed: SqliteDatabase = {
        prepare: (sql) => {
          const statement = database.prepare(sql);
          return {
            all: (...values) => statement.all(...values),
            run: (...values) => {
              isLooked = true;
              other.exec(write);
              return statement.run(...values);
            },
          };
        },
      };
      const store = sqliteStore({ database: disturbed, table: "t", column: "secret" });
      for await (const { id, version } of store.scan("0/1", {})) expect(await store.replace(id, version, Buffer.from("ours"))).toBe(answer);
      expect(isLooked).toBe(true);
      expect(
        database
          .prepare("SELECT secret FROM t")
          .all()
          .map(({ secret }) => secret),
      ).toEqual(left);
    }
  });

  test("ends a scan that would leave rows out: of one key, or with a null in it", async () => {
    const database = (await newDatabase())();
    database.exec("CREATE TABLE t (id TEXT PRIMARY KEY, place INTEGER, secret)");
    for (let i = 0; i < 250; i++) database.prepare("INSERT INTO t VALUES (?, ?, 'a')").run(`${i}`, i);
    const scanned = async (key: string[], parts = 1): Promise<number> => {
      let count = 0;
      const store = sqliteStore({ database, table: "t", column: "secret", key });
      for (const partition of await store.partitions(parts)) for await (const _ of store.scan(partition, {})) count += 1;
      return count;
    };
    expect([await scanned(["place"]), await scanned(["place"], 4)]).toEqual([250, 250]);
    // The 200th and the 201st: a page ends between them.
    database.exec("UPDATE t SET place = 199 WHERE id = '200'");
    await expect(scanned(["place"])).rejects.toThrow('two rows of t have the key ["integer 199"]');
    expect(await scanned(["id"])).toBe(250);
    database.exec("INSERT INTO t VALUES (NULL, 1000, NULL)");
    expect(await scanned(["id"], 3)).toBe(250);
    database.exec("UPDATE t SET secret = 'a' WHERE id IS NULL");
    for (const parts of [1, 3]) await expect(scanned(["id"], parts)).rejects.toThrow("would be left out");
  });

  test("ends a scan at a key that is no UTF-8, and takes one with the character that stands for such bytes", async () => {
    const database = (await newDatabase())();
    database.exec("CREATE TABLE t (id TEXT PRIMARY KEY, secret); INSERT INTO t VALUES ('\uFFFD', 'a')");
    const scanned = async (): Promise<number> => {
      let count = 0;
      for await (const _ of sqliteStore({ database, table: "t", column: "secret" }).scan("0/1", {})) count += 1;
      return count;
    };
    expect(await scanned()).toBe(1);
    database.exec("INSERT INTO t VALUES (CAST(x'f09f9841' AS TEXT), 'b')");
    await expect(scanned()).rejects.toThrow("is no UTF-8");
  });

  test("shows an integer that JavaScript does not have as its digits", async () => {
    const database = (await newDatabase())();
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, secret); INSERT INTO t VALUES (1, 9223372036854775807), (2, 'a')");
    const store = sqliteStore({ database, table: "t", column: "secret" });
    const seen: string[] = [];
    for await (const { read } of store.scan("0/1", {})) seen.push(Buffer.from(await read()).toString());
    expect(seen).toEqual(["9223372036854775807", "a"]);
  });

  test("refuses what is no table, no key and no id", async () => {
    const database = (await newDatabase())();
    database.exec("CREATE TABLE t (id REAL PRIMARY KEY, secret); INSERT INTO t VALUES (0.1, 'a')");
    expect(() => sqliteStore({ database, table: "nothing", column: "secret" })).toThrow(TypeError);
    expect(() => sqliteStore({ database, table: "t", column: "secret", key: ["x"] })).toThrow(TypeError);
    const store = sqliteStore({ database, table: "t", column: "secret" });
    await expect(store.scan("0/1", {})[Symbol.asyncIterator]().next()).rejects.toThrow("integers, texts and bytes");
    for (const id of ["", "[]", '["integer x"]', '["text a","text b"]'])
      await expect(store.replace(id, "", new Uint8Array())).rejects.toThrow(TypeError);
  });
});
