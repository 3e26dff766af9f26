import type * as NodeSqlite from "node:sqlite";

/** What is used of `node:sqlite`. */
export type Sqlite = Pick<typeof NodeSqlite, "DatabaseSync">;

/**
 * `node:sqlite`, or undefined where this Node has none: before 22.13 it is behind a flag. Node 22 warns that it is experimental, which tells the user of a command
 * nothing, so that one warning is left out.
 */
export function nodeSqlite(): Sqlite | undefined {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((...warning: Parameters<typeof emitWarning>) => {
    if (!String(warning[0]).startsWith("SQLite is an experimental feature")) emitWarning.apply(process, warning);
  }) as typeof emitWarning;
  try {
    return process.getBuiltinModule?.("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
