import * as v from "valibot";
import { recordOf } from "../keks/record-of.ts";
import type { StoreEntry } from "./store-entry.ts";

// Messages say what to write and never what was written: a password may stand anywhere.

function text(example: string): v.GenericSchema<string> {
  return v.pipe(v.string(`write a text, such as ${example}`), v.nonEmpty(`write a text, such as ${example}`));
}

/** What a text begins with, or is made of. */
function textLike(pattern: RegExp, example: string): v.GenericSchema<string> {
  return v.pipe(v.string(`write a text, such as ${example}`), v.regex(pattern, `write a text such as ${example}`));
}

function texts(example: string): v.GenericSchema<string[]> {
  return v.pipe(v.array(text(example), `write a list, such as [${example}]`), v.nonEmpty(`write at least one, such as [${example}]`));
}

function count(most: number): v.GenericSchema<number> {
  const message = `write a whole number from 1 to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(1, message), v.maxValue(most, message));
}

const ofAnyType = {
  from: v.optional(texts('"prod"')),
  to: v.optional(texts('"dr"')),
  detached: v.optional(recordOf(v.string(), v.string("write a text"))),
};

const fields = v.pipe(
  v.array(
    v.union([text('"user.ssn"'), texts('"user", "ssn"')], 'write a name or a path, such as "user.ssn" or ["user", "ssn"]'),
    'write a list, such as ["user.ssn"]',
  ),
  v.nonEmpty('write at least one, such as ["user.ssn"]'),
);

const key = v.optional(text('"id"'));
const keys = v.optional(texts('"id"'));
const region = v.optional(text('"eu-west-1"'));
const endpoint = v.optional(textLike(/^https?:\/\//i, '"https://s3.example.com"'));

const schemas: { readonly [Type in StoreEntry["type"]]: v.GenericSchema<unknown, Extract<StoreEntry, { type: Type }>> } = {
  files: entry("files", { folder: text('"sealed"'), include: v.optional(texts('"**/*.ltrl"')) }),
  ndjson: entry("ndjson", { file: text('"users.ndjson"'), fields, key }),
  json: entry("json", { file: text('"users.json"'), fields }),
  csv: entry("csv", {
    file: text('"users.csv"'),
    columns: texts('"ssn"'),
    delimiter: v.optional(textLike(/^[^"\r\n]$/, '";", of one character')),
    key,
  }),
  postgres: entry("postgres", {
    url: v.optional(textLike(/^postgres(ql)?:\/\//i, '"postgres://app@db.example.com/app"')),
    table: textLike(/^[^.]+(\.[^.]+)?$/, '"users" or "app.users"'),
    column: text('"ssn"'),
    path: v.optional(texts('"user", "ssn"')),
    key: keys,
    pageRows: v.optional(count(100_000)),
    connections: v.optional(count(100)),
    statementSeconds: v.optional(count(86_400)),
    hiddenRows: v.optional(v.boolean("write true or false")),
  }),
  sqlite: entry("sqlite", { file: text('"app.db"'), table: text('"users"'), column: text('"ssn"'), key: keys }),
  redis: entry("redis", {
    url: textLike(/^rediss?:\/\//i, '"redis://cache.example.com:6379"'),
    prefix: v.optional(text('"user:"')),
    field: v.optional(text('"ssn"')),
    pageKeys: v.optional(count(100_000)),
  }),
  s3: entry("s3", {
    bucket: text('"acme-sealed"'),
    prefix: v.optional(text('"users/"')),
    pageKeys: v.optional(count(1_000)),
    region,
    endpoint,
    forcePathStyle: v.optional(v.boolean("write true or false")),
  }),
  dynamodb: entry("dynamodb", {
    table: text('"Users"'),
    key: v.pipe(texts('"id"'), v.maxLength(2, "write the partition key and, where the table has one, the sort key")),
    attribute: text('"ssn"'),
    pageItems: v.optional(count(100_000)),
    region,
    endpoint,
  }),
};

function entry<const Type extends string, Entries extends v.ObjectEntries>(type: Type, entries: Entries) {
  const members = { ...entries, ...ofAnyType };
  const message = (issue: v.BaseIssue<unknown>): string =>
    issue.expected === "never"
      ? `a store of type ${type} has no such option; it takes ${Object.keys(members).join(", ")}`
      : `it is missing in a store of type ${type}`;
  return v.strictObject({ type: v.literal(type), ...members }, message);
}

const untyped = v.looseObject({ type: v.picklist(Object.keys(schemas), `write one of ${Object.keys(schemas).join(", ")}`) }, (issue) =>
  issue.path === undefined ? "a store is an object" : `write one of ${Object.keys(schemas).join(", ")}`,
) as unknown as v.GenericSchema<unknown, StoreEntry>;

export const storeEntrySchema: v.GenericSchema<unknown, StoreEntry> = v.lazy((input) => {
  const { type } = (input ?? {}) as { readonly type?: unknown };
  return typeof type === "string" && Object.hasOwn(schemas, type) ? schemas[type as StoreEntry["type"]] : untyped;
});
