import { randomBytes } from "node:crypto";
import { inspect, LetterlockError } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

/**
 * The part of a Pool or Client of `pg`, or of a PGlite, that is used. The client stays its owner's. A Pool, or a client that nobody makes transactions on. Numbers, text and bytea must come as they do
 * by default.
 */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PostgresKeyStoreOptions {
  readonly client: PostgresClient;
  /** "name" or "schema.name", of lower-case letters, digits and underscores; "letterlock_keys" by default. */
  readonly table?: string | undefined;
}

/**
 * The statement that makes the table, for a migration of yours: the store itself creates nothing. It does nothing where the table exists. The application needs
 * SELECT, INSERT, UPDATE and DELETE on it, DELETE for `destroy` alone.
 */
export function postgresKeyTable(table: string = defaultTable): string {
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (
  key_id text COLLATE "C" PRIMARY KEY,
  slot text COLLATE "C" NOT NULL,
  sequence integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  blob bytea NOT NULL,
  UNIQUE (slot, sequence)
)`;
}

/**
 * A key store in one table of PostgreSQL 12 or later. Every change is one statement, and the unique constraint on slot and sequence is the arbiter, so no
 * transaction and no lock is held. Give it a client of the primary: a replica may not know yet what was destroyed. A change inside a transaction of the application, which
 * a ROLLBACK would undo after something was sealed, is a "provider-error", and that transaction can then only be rolled back.
 */
export function postgresKeyStore({ client, table: name = defaultTable }: PostgresKeyStoreOptions): KeyStore {
  if (typeof client?.query !== "function") throw new TypeError("client must have the query of pg or PGlite");
  const table = quoted(name);
  const rows = async (text: string, values: unknown[]): Promise<Row[]> => (await client.query(text, values)).rows as Row[];
  const one = async (text: string, values: unknown[]): Promise<StoredKey | undefined> => (await rows(text, values)).map(storedKey)[0];
  const current = (slot: string): Promise<StoredKey | undefined> =>
    one(`SELECT ${columns} FROM ${table} WHERE slot = $1 ORDER BY sequence DESC LIMIT 1`, [slot]);
  /** One change, and how many keys of these there are after it. A setting that ends with the transaction tells whether that has ended. */
  const change = async (text: string, values: unknown[]): Promise<{ changed: Row[]; left: number }> => {
    const token = randomBytes(16).toString("hex");
    const changed = await rows(`${text} RETURNING ${columns}, set_config('${setting}', '${token}', true)`, values);
    if (changed.length === 0) return { changed, left: 0 };
    const [after] = (await rows(
      `SELECT current_setting('${setting}', true) IS NOT DISTINCT FROM $1 AS inside,
              (SELECT count(*)::int FROM ${table} WHERE key_id = ANY ($2::text[])) AS left`,
      [token, changed.map(({ key_id }) => key_id)],
    )) as unknown as { inside: boolean; left: number }[];
    if (after?.inside !== true) return { changed, left: after?.left ?? 0 };
    await client.query("SELECT 'a change of the key store does not belong into this transaction'::int").catch(() => undefined);
    throw new LetterlockError(
      "provider-error",
      "the client of the key store is inside a transaction, which a rollback would undo: give postgresKeyStore a Pool or a client of its own",
    );
  };
  return {
    get: (keyId) => one(`SELECT ${columns} FROM ${table} WHERE key_id = $1`, [keyId]),
    current,
    async create(slot, blob, after) {
      const { changed, left } = await change(
        `INSERT INTO ${table} (key_id, slot, sequence, blob)
         SELECT $1::text, $2::text, coalesce(current.sequence, 0) + 1, $3::bytea
         FROM (VALUES (1)) AS always LEFT JOIN (SELECT key_id, sequence FROM ${table} WHERE slot = $2 ORDER BY sequence DESC LIMIT 1) AS current ON true
         WHERE current.key_id IS NOT DISTINCT FROM $4::text
         ON CONFLICT (slot, sequence) DO NOTHING`,
        [inspect(blob).keyId, slot, blob, after ?? null],
      );
      const [created] = changed;
      // None is left where a transaction began before the statement and was rolled back after it, or somebody destroyed meanwhile.
      if (created === undefined || left === 0) return { created: false, key: await current(slot) };
      return { created: true, key: storedKey(created) };
    },
    async replace(keyId, expected, blob) {
      const { changed } = await change(`UPDATE ${table} SET blob = $3 WHERE key_id = $1 AND blob = $2`, [keyId, expected, blob]);
      if (changed.length > 0) return "replaced";
      return (await rows(`SELECT key_id FROM ${table} WHERE key_id = $1`, [keyId])).length > 0 ? "conflict" : "gone";
    },
    async *list({ after = "", signal } = {}) {
      for (let last = after; ; ) {
        signal?.throwIfAborted();
        const page = await rows(`SELECT ${columns} FROM ${table} WHERE key_id > $1 ORDER BY key_id LIMIT ${pageKeys}`, [last]);
        for (const row of page) {
          yield storedKey(row);
          last = row.key_id;
        }
        if (page.length < pageKeys) return;
      }
    },
    async destroy(slot) {
      const { changed, left } = await change(`DELETE FROM ${table} WHERE slot = $1`, [slot]);
      if (left > 0)
        throw new LetterlockError("provider-error", "a transaction on the client of the key store was rolled back: destroy again");
      return changed.map(({ key_id }) => key_id);
    },
  };
}

const defaultTable = "letterlock_keys";
const setting = "letterlock.change";
const pageKeys = 200;
const columns = "key_id, slot, sequence, (extract(epoch FROM created_at) * 1000)::float8 AS created_ms, blob";

interface Row {
  readonly key_id: string;
  readonly slot: string;
  readonly sequence: number;
  readonly created_ms: number;
  readonly blob: Uint8Array;
}

function storedKey({ key_id, slot, sequence, created_ms, blob }: Row): StoredKey {
  return { keyId: key_id, slot, sequence, createdAt: created_ms, blob: new Uint8Array(blob) };
}

/** A name of PostgreSQL has at most 63 bytes. Quoted, because "user" and others are words of SQL. */
function quoted(table: string): string {
  if (typeof table === "string" && /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/.test(table)) return `"${table.replace(".", '"."')}"`;
  throw new TypeError('table must be "name" or "schema.name", of lower-case letters, digits and underscores');
}
