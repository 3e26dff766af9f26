import { parse } from "csv-parse/sync";
import type { EnvelopeStore } from "./envelope-store.ts";
import { checkNames } from "./migration.ts";
import { recordFileStore } from "./record-file-store.ts";
import { cutAtLines, decoded, type Field, type Splice } from "./record-layout.ts";

export interface CsvStoreOptions {
  readonly file: string;
  /** The names of the columns with objects in text form, as the first line has them. Empty cells are no objects. */
  readonly columns: readonly string[];
  /** One character, "," by default. */
  readonly delimiter?: string | undefined;
  /** The column that names a row, for ids that stay when others add and remove rows. Without it the number of the row is its name. */
  readonly key?: string | undefined;
}

/** A table with a line of names, as RFC 4180 has it; a row at a time is in memory. Nothing but the cells changes, and no quotes. */
export function csvStore(options: CsvStoreOptions): EnvelopeStore {
  checkNames(options, ["file", "columns", "delimiter", "key"], "options");
  const { columns, delimiter = ",", key } = options;
  if (!Array.isArray(columns) || columns.length === 0) throw new TypeError("columns must be a list of at least one name");
  if (typeof delimiter !== "string" || !/^[^"\r\n]$/.test(delimiter)) throw new TypeError("delimiter must be one character, and no quote");
  const cellsOf = (row: string): string[] | undefined => {
    try {
      const rows = parse(row, { delimiter, bom: true, relax_column_count: true, skip_empty_lines: true }) as string[][];
      return rows.length > 1 ? undefined : (rows[0] ?? []);
    } catch {
      return undefined;
    }
  };
  return recordFileStore(options.file, {
    // A quote inside of quotes is two.
    records: (chunks) => cutAtLines(chunks, { quote: 0x22 }),
    reader: () => {
      let names: readonly string[] | undefined;
      return (record, index) => {
        const row = decoded(record);
        const cells = row === undefined ? undefined : cellsOf(row);
        if (row === undefined || cells === undefined)
          return [{ id: `row ${index}`, value: "", put: undefined, problem: "it is no row of a table" }];
        if (cells.length === 0) return [];
        if (names === undefined) {
          names = cells;
          const problem = problemOf(names, [...columns, ...(key === undefined ? [] : [key])]);
          return problem === undefined ? [] : [{ id: "row 0", value: "", put: undefined, problem }];
        }
        const name = key === undefined ? `row ${index}` : JSON.stringify(cells[names.indexOf(key)]);
        return columns.flatMap((column) => cell(row, cells, names?.indexOf(column) ?? -1, `${name}/${column}`, cellsOf));
      };
    },
  });
}

/** Of several columns of one name, which one is meant? */
function problemOf(names: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.find((column) => !names.includes(column));
  if (missing !== undefined) return `it names no column ${JSON.stringify(missing)}`;
  const twice = wanted.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  return twice === undefined ? undefined : `it names the column ${JSON.stringify(twice)} twice`;
}

function cell(row: string, cells: readonly string[], column: number, id: string, cellsOf: (row: string) => string[] | undefined): Field[] {
  const value = cells[column];
  if (value === undefined || value === "") return [];
  return [{ id, value, put: (next) => spliced(row, cells, column, value, next, cellsOf) }];
}

/** The text of an object has no character that a table writes otherwise, so it stands in the row as it is: at the place where another makes that cell another, and no other cell. */
function spliced(
  row: string,
  cells: readonly string[],
  column: number,
  value: string,
  next: string,
  cellsOf: (row: string) => string[] | undefined,
): Splice {
  const wanted = JSON.stringify(cells.map((one, i) => (i === column ? next : one)));
  for (let at = row.indexOf(value); at !== -1; at = row.indexOf(value, at + 1)) {
    const changed = row.slice(0, at) + next + row.slice(at + value.length);
    if (JSON.stringify(cellsOf(changed)) === wanted) return { from: at, to: at + value.length, text: next };
  }
  throw new Error("the cell is written in another way than as its text");
}
