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
  const json = `${column}::jsonb`;
  return {
    bytes: `convert_to(${json} #>> ${at}, 'UTF8')`,
    // A number or an object there is something else; it is listed, and foreign.
    isThere: `coalesce(jsonb_typeof(${json} #> ${at}), 'null') <> 'null'`,
    assigned: (object) => `jsonb_set(${json}, ${at}, to_jsonb(${object}), false)::${type}`,
  };
}
