import type { StoreEntry } from "./store-entry.ts";

/** What a configuration asks of a store, in its own words, for when something else is there. */
export interface AskedPlace {
  /** 'is column "ssn" the right one?' */
  readonly question: string;
  /** 'no path matches include "*.ltrl"': what leaves objects out. Undefined where nothing does. */
  readonly leavesOut: string | undefined;
}

export function askedPlace(entry: StoreEntry): AskedPlace {
  const include = entry.type === "files" ? entry.include : undefined;
  return { question: question(entry), leavesOut: include === undefined ? undefined : `no path matches include ${quoted(include)}` };
}

function question(entry: StoreEntry): string {
  switch (entry.type) {
    case "files":
      return isRight("folder", [entry.folder]);
    case "ndjson":
    case "json":
      return isRight(
        "field",
        entry.fields.map((field) => (typeof field === "string" ? field : field.join("."))),
      );
    case "csv":
      return isRight("column", entry.columns);
    case "postgres":
      return entry.path === undefined ? isRight("column", [entry.column]) : isRight("path", [entry.path.join(".")]);
    case "sqlite":
      return isRight("column", [entry.column]);
    case "dynamodb":
      return isRight("attribute", [entry.attribute]);
    case "redis":
      if (entry.field !== undefined) return isRight("field", [entry.field]);
      return entry.prefix === undefined ? 'which "prefix" have the keys that hold objects?' : isRight("prefix", [entry.prefix]);
    case "s3":
      return entry.prefix === undefined ? isRight("bucket", [entry.bucket]) : isRight("prefix", [entry.prefix]);
  }
}

function isRight(what: string, names: readonly string[]): string {
  return names.length === 1 ? `is ${what} ${quoted(names)} the right one?` : `are ${what}s ${quoted(names)} the right ones?`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}
