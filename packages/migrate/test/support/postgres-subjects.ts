import { expect } from "vitest";
import { type PostgresStoreOptions, postgresStore, type StoreSubject } from "../../src/index.ts";
import type { PostgresClient } from "../../src/postgres-table.ts";

interface Layout {
  readonly create: string;
  readonly options: Omit<PostgresStoreOptions, "client" | "table">;
  readonly put: string;
  readonly get: string;
  readonly textOnly: boolean;
  readonly idOf: (name: string) => string;
}

const named = (name: string): string => JSON.stringify([name]);

/** What a table with an object in it can look like. $1 is the name, $2 the object. */
export const layouts: Readonly<Record<string, Layout>> = {
  bytea: {
    create: 'name text PRIMARY KEY, "Secret" bytea',
    options: { column: "Secret" },
    put: 'INSERT INTO t (name, "Secret") VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET "Secret" = excluded."Secret"',
    get: 'SELECT "Secret" AS object FROM t WHERE name = $1',
    textOnly: false,
    idOf: named,
  },
  "text, with a key of two columns": {
    create: "tenant int NOT NULL DEFAULT 7, secret text, name varchar(300), PRIMARY KEY (name, tenant)",
    options: { column: "secret", pageRows: 10 },
    put: "INSERT INTO t (name, secret) VALUES ($1, $2) ON CONFLICT (name, tenant) DO UPDATE SET secret = excluded.secret",
    get: "SELECT convert_to(secret, 'UTF8') AS object FROM t WHERE name = $1",
    textOnly: true,
    idOf: (name) => JSON.stringify([name, "7"]),
  },
  "a path in jsonb": {
    create: 'id uuid UNIQUE NOT NULL DEFAULT gen_random_uuid(), name text COLLATE "C" PRIMARY KEY, data jsonb',
    options: { column: "data", path: ["a'b", "0"], pageRows: 7 },
    put: `INSERT INTO t (name, data) VALUES ($1, jsonb_build_object('n', 1e30, 'a''b', jsonb_build_array($2::text)))
          ON CONFLICT (name) DO UPDATE SET data = jsonb_set(t.data, ARRAY['a''b', '0'], to_jsonb($2::text))`,
    get: "SELECT convert_to(data #>> ARRAY['a''b', '0'], 'UTF8') AS object FROM t WHERE name = $1 AND data->'n' = '1e30'",
    textOnly: true,
    idOf: named,
  },
};

let tables = 0;

/** A table of its own for each subject. `others` are more connections to the same server; `forbidden` runs with a role that may only read. */
export async function postgresSubject(layout: Layout, owner: PostgresClient, another: () => PostgresClient): Promise<StoreSubject> {
  const table = `store_${tables++}`;
  const sql = (text: string) => text.replace(/\bt\b(?=[ .(]|$)/g, table);
  await owner.query(`CREATE TABLE ${table} (${layout.create})`);
  const open = (client: PostgresClient) => postgresStore({ client, table: `public.${table}`, ...layout.options });
  const parameter = (object: Uint8Array) => (layout.textOnly ? Buffer.from(object).toString() : Buffer.from(object));
  return {
    store: open(owner),
    another: async () => open(another()),
    textOnly: layout.textOnly,
    hugeBytes: 2 * 1024 * 1024,
    put: async (name, object) => {
      await owner.query(sql(layout.put), [name, parameter(object)]);
      return layout.idOf(name);
    },
    delete: async (name) => {
      await owner.query(`DELETE FROM ${table} WHERE name = $1`, [name]);
    },
    get: async (name) => {
      const { rows } = await owner.query(sql(layout.get), [name]);
      const [row] = rows as { readonly object: Uint8Array }[];
      return row === undefined ? undefined : new Uint8Array(row.object);
    },
    forbid: async () => {
      await owner.query(
        `CREATE FUNCTION deny_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$`,
      );
      await owner.query(`CREATE TRIGGER deny BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION deny_${table}()`);
      return async () => {
        await owner.query(`DROP TRIGGER deny ON ${table}`);
      };
    },
    forbidReading: async () => {
      await owner.query("DO $$ BEGIN CREATE ROLE letterlock_blind; EXCEPTION WHEN duplicate_object THEN END $$");
      await owner.query("SET ROLE letterlock_blind");
      return async () => void (await owner.query("RESET ROLE"));
    },
    leftovers: async () => {
      const { rows } = await owner.query("SELECT count(*)::int AS count FROM pg_prepared_xacts");
      expect(rows).toEqual([{ count: 0 }]);
      return [];
    },
  };
}
