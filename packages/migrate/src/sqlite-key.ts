import { quotedName } from "./postgres-table.ts";
import type { SqliteDatabase, SqliteValue } from "./sqlite-store.ts";

/** Those that were named, or the primary key, or the rowid. */
export function keyColumns(database: SqliteDatabase, table: string, key: readonly string[] | undefined): readonly string[] {
  const columns = database.prepare(`SELECT name, pk FROM pragma_table_info(?) ORDER BY pk`).all(table) as {
    readonly name: string;
    readonly pk: number;
  }[];
  if (columns.length === 0) throw new TypeError(`there is no table ${quotedName(table)}`);
  const missing = key?.find((name) => !columns.some((column) => column.name === name));
  if (missing !== undefined || key?.length === 0) throw new TypeError(`${table} has no column ${missing ?? "of a key"}`);
  const primary = columns.filter(({ pk }) => Number(pk) > 0).map(({ name }) => name);
  return key ?? (primary.length > 0 ? primary : ["rowid"]);
}

/** `["integer 5","text ü"]`: SQLite keeps values of any type in a column. */
export function idOfKey(row: Readonly<Record<string, unknown>>, length: number): string {
  return JSON.stringify(Array.from({ length }, (_, i) => `${String(row[`type${i}`])} ${String(row[`key${i}`])}`));
}

export function keyOfId(id: string, length: number): SqliteValue[] {
  const parts: unknown = parsed(id);
  if (!Array.isArray(parts) || parts.length !== length) throw new TypeError(`no id of this store: ${JSON.stringify(id)}`);
  return parts.map((part: unknown) => {
    const [, type, text = ""] = /^(\w+) (.*)$/s.exec(String(part)) ?? [];
    if (type === "integer" && /^-?\d+$/.test(text)) return BigInt(text);
    if (type === "text") return text;
    if (type === "blob") return Buffer.from(text, "hex");
    throw new TypeError(`a key is made of integers, texts and bytes, not of ${JSON.stringify(part)}`);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
