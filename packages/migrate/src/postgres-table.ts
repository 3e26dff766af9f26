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
  /** That a row has a null in its key; undefined where no row can. */
  readonly lacksKey: string | undefined;
}

interface CatalogueColumn {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly place: number | null;
  readonly required: boolean;
}

/** `hiddenRows`: the role may be one that policies of row-level security hide rows from. */
export async function readTable(
  client: PostgresClient,
  name: string,
  column: string,
  { key, hiddenRows }: { readonly key: readonly string[] | undefined; readonly hiddenRows: boolean },
): Promise<PostgresTable> {
  const table = quotedTable(name);
  const { rows } = await client.query(
    // What an index has beside its key, INCLUDE, comes after it.
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), NULL) AS base,
       array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum) AS place, a.attnotnull AS required
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [table],
  );
  const columns = rows as readonly CatalogueColumn[];
  const primary = columns.filter(({ place }) => place !== null).sort((a, b) => Number(a.place) - Number(b.place));
  const parts = key === undefined ? primary : key.map((part) => columns.find((one) => one.name === part) ?? notThere(name, part));
  if (parts.length === 0) throw new TypeError(`${name} has no primary key: name the columns of a unique one as key`);
  await checkRows(client, { name, table, parts, hiddenRows });
  const names = parts.map((part) => quotedName(part.name));
  const columnType = columns.find((one) => one.name === column)?.base ?? notThere(name, column);
  if (!readable.includes(columnType))
    throw new TypeError(`${name}.${column} is of type ${columnType}; an object stands in ${readable.join(", ")}`);
  const parameters = (at: number): string[] => parts.map(({ type }, i) => `$${at + i}::text::${type}`);
  const keyIs = (given: readonly string[]): string => names.map((one, i) => `${one} = ${given[i]}::${parts[i]?.type}`).join(" AND ");
  const nullable = names.filter((_, i) => parts[i]?.required !== true);
  return {
    name: table,
    columnType,
    keyLength: names.length,
    keyIs,
    keyAsText: `ARRAY[${names.map((one, i) => keyText(one, parts[i]?.base ?? "")).join(", ")}]::text[]`,
    // With the table before it: a bare name would be that of an output column first, and a scan has some.
    order: names.map((one) => `${table}.${one}`).join(", "),
    isKey: (at) => keyIs(names.map((_, i) => `$${at + i}::text`)),
    isAbove: (at) => `(${names.join(", ")}) > (${parameters(at).join(", ")})`,
    lacksKey: nullable.length === 0 ? undefined : `(${nullable.map((one) => `${one} IS NULL`).join(" OR ")})`,
  };
}

/** What would make a scan see less than there is, or the same twice, without a word. */
async function checkRows(
  client: PostgresClient,
  { name, table, parts, hiddenRows }: { name: string; table: string; parts: readonly CatalogueColumn[]; hiddenRows: boolean },
): Promise<void> {
  const { rows } = await client.query(
    `SELECT row_security_active(c.oid) AS hides, current_setting('extra_float_digits')::int < 1 AS rounds, c.relkind IN ('r', 'p') AS indexed,
       EXISTS (SELECT FROM pg_index u WHERE u.indrelid = c.oid AND u.indisunique AND u.indisvalid AND u.indpred IS NULL AND NOT EXISTS (
         SELECT FROM unnest((u.indkey::int2[])[0:u.indnkeyatts - 1]) AS part(number)
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.number AND a.attnum > 0
         WHERE a.attname IS NULL OR a.attname::text <> ALL ($2::text[]))) AS unique
     FROM pg_class c WHERE c.oid = $1::regclass`,
    [table, parts.map((part) => part.name)],
  );
  const [found] = rows as readonly {
    readonly hides: boolean;
    readonly rounds: boolean;
    readonly indexed: boolean;
    readonly unique: boolean;
  }[];
  if (found?.indexed === true && !found.unique)
    throw new TypeError(
      `no unique index of ${name} is of the columns ${parts.map((part) => part.name).join(", ")}: rows would be left out`,
    );
  if (found?.hides === true && !hiddenRows)
    throw new TypeError(`policies may hide rows of ${name} from this role: take one that they do not apply to, or say hiddenRows`);
  if (found?.rounds === true && parts.some(({ base }) => ["real", "double precision"].includes(base)))
    throw new TypeError(`the key of ${name} would be rounded: set extra_float_digits to 1 for this role`);
}

/** Dates as ISO 8601, whatever the DateStyle of the session: it may name time zones by letters that another reads as others. */
function keyText(column: string, base: string): string {
  return /^(date|timestamp with(out)? time zone)$/.test(base) ? `to_json(${column}) #>> '{}'` : `${column}::text`;
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
