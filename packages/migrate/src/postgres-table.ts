/** The part of a Pool or Client of `pg`, or of a PGlite, that is used. Text and bytea must come as they do by default. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** What the catalogue says of a table, as SQL. Keys travel as texts, which PostgreSQL reads as it wrote them. */
export interface PostgresTable {
  readonly name: string;
  readonly columnType: string;
  readonly keyLength: number;
  /** The key is made of these texts, given as SQL. */
  readonly keyIs: (parts: readonly string[]) => string;
  /** An array of texts. */
  readonly keyAsText: string;
  readonly order: string;
  /** The key is what the parameters from `at` on are. */
  readonly isKey: (at: number) => string;
  readonly isAbove: (at: number) => string;
}

export async function readTable(
  client: PostgresClient,
  name: string,
  column: string,
  key: readonly string[] | undefined,
): Promise<PostgresTable> {
  const table = quotedTable(name);
  const { rows } = await client.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), NULL) AS base,
       array_position(i.indkey::int2[], a.attnum) AS place
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [table],
  );
  const columns = rows as readonly { readonly name: string; readonly type: string; readonly base: string; readonly place: number | null }[];
  const primary = columns.filter(({ place }) => place !== null).sort((a, b) => Number(a.place) - Number(b.place));
  const parts = key === undefined ? primary : key.map((part) => columns.find((one) => one.name === part));
  if (parts.length === 0) throw new TypeError(`${name} has no primary key: name the columns of a unique one as key`);
  const types = parts.map((part, i) => part?.type ?? notThere(name, key?.[i] ?? ""));
  const names = parts.map((part) => quotedName(part?.name ?? ""));
  const columnType = columns.find((one) => one.name === column)?.base ?? notThere(name, column);
  if (!readable.includes(columnType))
    throw new TypeError(`${name}.${column} is of type ${columnType}; an object stands in ${readable.join(", ")}`);
  const parameters = (at: number): string[] => types.map((type, i) => `$${at + i}::text::${type}`);
  return {
    name: table,
    columnType,
    keyLength: names.length,
    keyIs: (given) => names.map((one, i) => `${one} = ${given[i]}::${types[i]}`).join(" AND "),
    keyAsText: `ARRAY[${names.map((one) => `${one}::text`).join(", ")}]::text[]`,
    // With the table before it: a bare name would be that of an output column first, and a scan has some.
    order: names.map((one) => `${table}.${one}`).join(", "),
    isKey: (at) => names.map((one, i) => `${one} = ${parameters(at)[i]}`).join(" AND "),
    isAbove: (at) => `(${names.join(", ")}) > (${parameters(at).join(", ")})`,
  };
}

const readable = ["bytea", "text", "character varying", "json", "jsonb"];

function notThere(table: string, column: string): never {
  throw new TypeError(`${table} has no column ${column}`);
}

/** Any name is one in quotes, but for a NUL. */
export function quotedName(name: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0")) throw new TypeError("a column must have a name");
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedText(text: string): string {
  if (typeof text !== "string" || text.includes("\0")) throw new TypeError("a path is made of names");
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function quotedTable(name: string): string {
  const parts = typeof name === "string" ? name.split(".") : [];
  if (parts.length < 1 || parts.length > 2) throw new TypeError('table must be "name" or "schema.name"');
  return parts.map(quotedName).join(".");
}
