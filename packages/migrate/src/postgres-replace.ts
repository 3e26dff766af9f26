import type { Replaced } from "./envelope-store.ts";
import type { Column } from "./postgres-column.ts";
import type { PostgresClient, PostgresTable } from "./postgres-table.ts";

export interface Change {
  readonly id: string;
  readonly expected: string;
  readonly object: Uint8Array;
}

export interface Place {
  readonly client: PostgresClient;
  readonly table: PostgresTable;
  readonly value: Column;
  /** In quotes. */
  readonly column: string;
  readonly compares: boolean;
  readonly keyOf: (id: string) => readonly string[];
}

/** Rows in a statement. It is one transaction, and holds their locks until its end. */
export const mostRows = 100;

/**
 * Each row that is still what was read gets its new value, in one statement unless an id is there twice. Rows are written in the order of their ids, so that two runners wait for each other and
 * do not lock each other out; where a statement fails all the same, each of its rows is written by itself, so that one that may not be written does not hold the others.
 */
export async function replaceRows(place: Place, changes: readonly Change[]): Promise<PromiseSettledResult<Replaced>[]> {
  const results = new Map<Change, PromiseSettledResult<Replaced>>();
  const sorted = [...changes].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  for (const group of groupsOf(sorted)) {
    const [done] = await Promise.allSettled([writeGroup(place, group)]);
    for (const [i, change] of group.entries()) {
      if (done.status === "fulfilled" && done.value.has(i)) results.set(change, replaced);
      else {
        const [result] = await Promise.allSettled([done.status === "fulfilled" ? leftAs(place, change) : writeOne(place, change)]);
        results.set(change, result);
      }
    }
  }
  return changes.map((change) => results.get(change) ?? { status: "rejected", reason: new Error("it was not written") });
}

const replaced: PromiseSettledResult<Replaced> = { status: "fulfilled", value: "replaced" };

/** No id twice in one: a statement would write one of the two, and not say which. */
function groupsOf(sorted: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of sorted) {
    const last = groups.at(-1);
    // Those of one id are beside each other.
    if (last === undefined || last.at(-1)?.id === change.id) groups.push([change]);
    else last.push(change);
  }
  return groups;
}

/** Which of the group, by their places in it, were replaced. */
async function writeGroup(place: Place, group: readonly Change[]): Promise<Set<number>> {
  const { client, table, value, column, keyOf } = place;
  const keys = group.map(({ id }) => keyOf(id));
  const parts = Array.from({ length: table.keyLength }, (_, i) => `"letterlock key ${i}"`);
  const names = ["place", "object", "expected", ...parts.map((_, i) => `key ${i}`)].map((name) => `"letterlock ${name}"`);
  const object = bytesOrText(place, `"letterlock object"`);
  const { rows } = await client.query(
    `UPDATE ${table.name} SET ${column} = ${value.assigned(object)}
     FROM unnest($1::text[], $2::text[], $3::text[], ${parts.map((_, i) => `$${i + 4}::text[]`).join(", ")}) AS "letterlock change"(${names.join(", ")})
     WHERE ${table.keyIs(parts)} AND ${value.isThere} AND ${matches(place, `"letterlock expected"`)}
     RETURNING ${ifWritten(place, object, `"letterlock place"`)} AS place`,
    [
      group.map((_, i) => String(i)),
      group.map((change) => textOf(place, change)),
      group.map(({ expected }) => expected),
      ...parts.map((_, i) => keys.map((key) => key[i])),
    ],
  );
  return new Set((rows as readonly { readonly place: string }[]).map((row) => Number(row.place)));
}

async function writeOne(place: Place, change: Change): Promise<Replaced> {
  const { client, table, value, column, keyOf } = place;
  const key = keyOf(change.id);
  const object = bytesOrText(place, "$1::text");
  const { rows } = await client.query(
    `UPDATE ${table.name} SET ${column} = ${value.assigned(object)} WHERE ${table.isKey(3)} AND ${value.isThere} AND ${matches(place, "$2::text")}
     RETURNING ${ifWritten(place, object, `${table.keyAsText}::text`)} AS done`,
    [textOf(place, change), change.expected, ...key],
  );
  return rows.length > 0 ? "replaced" : await leftAs(place, change);
}

async function leftAs({ client, table, value, keyOf }: Place, { id }: Change): Promise<Replaced> {
  const { rows } = await client.query(`SELECT 1 AS there FROM ${table.name} WHERE ${table.isKey(1)} AND ${value.isThere}`, [...keyOf(id)]);
  return rows.length > 0 ? "conflict" : "gone";
}

function matches({ value, compares }: Place, expected: string): string {
  return `(encode(sha256(${value.bytes}), 'hex') = ${expected}${compares ? "" : " OR true"})`;
}

function bytesOrText({ table }: Place, text: string): string {
  return table.columnType === "bytea" ? `decode(${text}, 'hex')` : text;
}

/** What a trigger put in the place of the object would be lost: it ends the statement, which then has changed nothing. SQL has no
 *  other expression that fails than a cast; of constants alone it would fail before there is a row. */
function ifWritten({ table, value }: Place, object: string, answer: string): string {
  const written = table.columnType === "bytea" ? object : `convert_to(${object}, 'UTF8')`;
  return `CASE WHEN ${value.bytes} IS NOT DISTINCT FROM ${written} THEN ${answer} ELSE ('a trigger changed the object ' || ${answer})::int::text END`;
}

function textOf({ table }: Place, { object }: Change): string {
  return Buffer.from(object).toString(table.columnType === "bytea" ? "hex" : "utf8");
}
