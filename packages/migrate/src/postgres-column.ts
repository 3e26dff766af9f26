import { quotedName, quotedText } from "./postgres-table.ts";

/** SQL for one place that holds an object. */
export interface Column {
  /** What is stored, as bytea. */
  readonly bytes: string;
  readonly isThere: string;
  /** The whole new value of the column; `object` is SQL for bytea, in a bytea column, and for text elsewhere. */
  readonly assigned: (object: string) => string;
}

export function columnExpressions(name: string, type: string, path: readonly string[] | undefined): Column {
  const column = quotedName(name);
  const isJson = type === "json" || type === "jsonb";
  if (isJson !== (path !== undefined))
    throw new TypeError(isJson ? `${name} is of type ${type}: name a path in it` : `${name} is of type ${type}, which has no path`);
  if (type === "bytea") return { bytes: column, isThere: `${column} IS NOT NULL`, assigned: (object) => object };
  if (!isJson) return { bytes: `convert_to(${column}::text, 'UTF8')`, isThere: `${column} IS NOT NULL`, assigned: (object) => object };
  const at = `ARRAY[${(path ?? []).map(quotedText).join(", ")}]::text[]`;
  if (type === "json") return jsonExpressions(column, at);
  return {
    bytes: `convert_to(${column} #>> ${at}, 'UTF8')`,
    // A number or an object there is something else; it is listed, and foreign.
    isThere: `coalesce(jsonb_typeof(${column} #> ${at}), 'null') <> 'null'`,
    assigned: (object) => `jsonb_set(${column}, ${at}, to_jsonb(${object}), false)`,
  };
}

/**
 * A column of type json keeps its text, with the order of its members, their spelling and those that are there twice, so the object's text is replaced within it. Where that stands in it
 * twice, or is spelled with escapes, the document is written as jsonb has it. One with a NUL in escapes cannot be taken apart by PostgreSQL: it is listed as a whole, and foreign.
 */
function jsonExpressions(column: string, at: string): Column {
  const text = `${column}::text`;
  const isOpaque = `position(E'\\\\u0000' IN ${text}) > 0`;
  const quoted = `'"' || (${column} #>> ${at}) || '"'`;
  const isOnce = `length(${text}) - length(replace(${text}, ${quoted}, '')) = length(${quoted})`;
  return {
    bytes: `convert_to(CASE WHEN ${isOpaque} THEN ${text} ELSE ${column} #>> ${at} END, 'UTF8')`,
    isThere: `CASE WHEN ${isOpaque} THEN true ELSE coalesce(json_typeof(${column} #> ${at}), 'null') <> 'null' END`,
    assigned: (object) => `CASE WHEN ${isOnce} THEN replace(${text}, ${quoted}, to_json(${object})::text)::json
      ELSE jsonb_set(${column}::jsonb, ${at}, to_jsonb(${object}), false)::json END`,
  };
}
