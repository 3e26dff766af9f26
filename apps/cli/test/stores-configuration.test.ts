import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../src/keks/configuration-schema.ts";

// The configuration is judged twice: by the command, and by editors with letterlock.config.schema.json. Both must say the same of every example.
const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../letterlock.config.schema.json"), "utf8")) as {
  readonly $defs: Record<string, unknown>;
};
const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true, strictRequired: false });
const editorAccepts = ajv.compile(schema);

function complaint(configuration: unknown): string | undefined {
  try {
    parseConfiguration(configuration, "c");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const secret = "hunter2";
const url = `https://app:${secret}@db.example.com`;

const least: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  files: { folder: "sealed" },
  ndjson: { file: "a.ndjson", fields: ["ssn"] },
  json: { file: "a.json", fields: ["users.*.ssn"] },
  csv: { file: "a.csv", columns: ["ssn"] },
  postgres: { table: "users", column: "ssn" },
  sqlite: { file: "a.db", table: "users", column: "ssn" },
  redis: { url: "redis://cache" },
  s3: { bucket: "acme" },
  dynamodb: { table: "Users", key: ["id"], attribute: "ssn" },
};

const accepted: readonly (readonly [type: string, options: Readonly<Record<string, unknown>>])[] = [
  ["files", { include: ["**/*.ltrl", "!x"], from: ["prod"], to: ["dr", "local:dr.key"], detached: { tenant: "acme" } }],
  ["ndjson", { fields: ["ssn", ["user", "a.b"]], key: "id" }],
  ["json", { fields: [["users", "*", "ssn"]] }],
  ["csv", { delimiter: ";", key: "id" }],
  ["csv", { delimiter: "\t" }],
  [
    "postgres",
    { url: `postgresql://app:${secret}@db:5433/app?sslmode=verify-full`, table: "app.users", path: ["user", "0"], key: ["tenant", "id"] },
  ],
  ["postgres", { pageRows: 1, connections: 100, statementSeconds: 86_400, hiddenRows: true }],
  ["sqlite", { key: ["a", "b"] }],
  ["redis", { url: `rediss://:${secret}@cache/2`, prefix: "user:", field: "ssn", pageKeys: 10 }],
  ["s3", { prefix: "a/", pageKeys: 1000, region: "eu-west-1", endpoint: "http://127.0.0.1:9000", forcePathStyle: true }],
  ["dynamodb", { key: ["tenant", "id"], pageItems: 10, region: "eu-west-1", endpoint: "https://db.example.com" }],
];

/** What the command says of what is not accepted, after "c: stores.a". */
const refused: readonly (readonly [type: string, options: Readonly<Record<string, unknown>>, says: RegExp])[] = [
  ["files", { folder: undefined }, /^\.folder: it is missing in a store of type files$/],
  ["files", { folder: "" }, /^\.folder: write a text/],
  ["files", { include: url }, /^\.include: write a list, such as \["\*\*\/\*\.ltrl"\]$/],
  ["files", { path: "x" }, /^\.path: a store of type files has no such option; it takes folder, include, from, to, detached$/],
  ["files", { from: [] }, /^\.from: write at least one/],
  ["files", { to: "dr" }, /^\.to: write a list/],
  ["files", { detached: { tenant: 1 } }, /^\.detached\.tenant: write a text$/],
  ["files", { detached: ["acme"] }, /^\.detached: write an object$/],
  ["files", { foundIn: "/etc" }, /^\.foundIn: a store of type files has no such option/],
  ["ndjson", { fields: [] }, /^\.fields: write at least one/],
  ["ndjson", { fields: [["a", 1]] }, /^\.fields\.0: write a name or a path/],
  ["ndjson", { fields: "ssn" }, /^\.fields: write a list/],
  ["json", { key: "id" }, /^\.key: a store of type json has no such option; it takes file, fields, /],
  ["csv", { delimiter: "::" }, /^\.delimiter: write a text such as ";", of one character$/],
  ["csv", { delimiter: '"' }, /^\.delimiter: /],
  ["csv", { columns: undefined }, /^\.columns: it is missing/],
  ["postgres", { url }, /^\.url: write a text such as "postgres:\/\/app@db\.example\.com\/app"$/],
  ["postgres", { url: 5 }, /^\.url: write a text/],
  ["postgres", { table: "a.b.c" }, /^\.table: write a text such as "users" or "app\.users"$/],
  ["postgres", { path: `postgres://app:${secret}@db` }, /^\.path: write a list, such as \["user", "ssn"\]$/],
  ["postgres", { key: "id" }, /^\.key: write a list, such as \["id"\]$/],
  ["postgres", { connections: 0 }, /^\.connections: write a whole number from 1 to 100$/],
  ["postgres", { connections: 1.5 }, /^\.connections: /],
  ["postgres", { connections: "4" }, /^\.connections: /],
  ["postgres", { password: secret }, /^\.password: a store of type postgres has no such option; it takes url, table, /],
  ["sqlite", { url }, /^\.url: a store of type sqlite has no such option/],
  ["redis", { url }, /^\.url: write a text such as "redis:\/\/cache\.example\.com:6379"$/],
  ["redis", { url: undefined }, /^\.url: it is missing/],
  ["redis", { pattern: "a*" }, /^\.pattern: a store of type redis has no such option; it takes url, prefix, field, pageKeys, /],
  ["s3", { endpoint: "db.example.com" }, /^\.endpoint: write a text such as "https:/],
  ["s3", { forcePathStyle: "yes" }, /^\.forcePathStyle: write true or false$/],
  ["s3", { pageKeys: 1001 }, /^\.pageKeys: write a whole number from 1 to 1000$/],
  ["dynamodb", { key: ["a", "b", "c"] }, /^\.key: write the partition key/],
  ["dynamodb", { attribute: null }, /^\.attribute: write a text/],
  ["mysql", {}, /^\.type: write one of files, ndjson, json, csv, postgres, sqlite, redis, s3, dynamodb$/],
];

/** As it comes out of a file: without what is undefined. */
function withStore(type: string, options: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify({ stores: { a: { type, ...least[type], ...options } } }));
}

describe("a store of the configuration", () => {
  it("is of a type that the JSON Schema knows too, and each has examples", () => {
    const types = Object.keys(schema.$defs).filter((name) => !["from", "to", "detached"].includes(name));
    expect(types).toEqual(Object.keys(least));
    for (const type of types) {
      expect(accepted.map(([one]) => one)).toContain(type);
      expect(refused.map(([one]) => one)).toContain(type);
    }
  });

  it.each(Object.keys(least))("of type %s takes what it needs and no more", (type) => {
    expect(complaint(withStore(type, {}))).toBeUndefined();
    expect(editorAccepts(withStore(type, {})), JSON.stringify(editorAccepts.errors)).toBe(true);
    for (const name of Object.keys(least[type] ?? {})) {
      expect(complaint(withStore(type, { [name]: undefined }))).toBe(`c: stores.a.${name}: it is missing in a store of type ${type}`);
      expect(editorAccepts(withStore(type, { [name]: undefined }))).toBe(false);
    }
  });

  it.each(accepted)("of type %s may say %j", (type, options) => {
    expect(complaint(withStore(type, options))).toBeUndefined();
    expect(editorAccepts(withStore(type, options)), JSON.stringify(editorAccepts.errors)).toBe(true);
  });

  it.each(accepted)("of type %s is handed over with %j", (type, options) => {
    const { stores } = parseConfiguration(withStore(type, options), "c");
    expect(stores).toEqual({ a: { type, ...least[type], ...options } });
  });

  it.each(refused)("of type %s may not say %j", (type, options, says) => {
    const said = complaint(withStore(type, options));
    expect(said).toMatch(/^c: stores\.a/);
    expect(said?.slice("c: stores.a".length)).toMatch(says);
    expect(said).not.toContain(secret);
    expect(editorAccepts(withStore(type, options))).toBe(false);
  });

  it.each([
    [[], "c: stores: write an object"],
    [{ a: secret }, "c: stores.a: a store is an object"],
    [{ a: ["files"] }, "c: stores.a.type: write one of"],
    [{ a: { folder: "x" } }, "c: stores.a.type: write one of"],
    [{ "a b": { type: "files", folder: "x" } }, "c: stores.a b: a name has no colon, no space"],
    [{ constructor: { type: "files", folder: "x" } }, "c: stores: nothing can be named __proto__, constructor or prototype"],
  ])("is none as %j", (stores, says) => {
    const said = complaint({ stores });
    expect(said).toContain(says);
    expect(said).not.toContain(secret);
    expect(editorAccepts({ stores })).toBe(false);
  });

  it("is written in the README as both take it, in every type and with every option", () => {
    const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
    const section = readme.slice(readme.indexOf("\n## Stores\n"), readme.indexOf("\n## Doctor\n"));
    const [, example = ""] = /```json\n(.*?)```/s.exec(section) ?? [];
    const configuration = JSON.parse(example) as { readonly stores: Record<string, { readonly type: string }> };
    expect(complaint(configuration)).toBeUndefined();
    expect(editorAccepts(configuration), JSON.stringify(editorAccepts.errors)).toBe(true);
    expect([...new Set(Object.values(configuration.stores).map(({ type }) => type))]).toEqual(Object.keys(least));
    for (const type of Object.keys(least)) {
      const row = section.split("\n").find((line) => line.startsWith(`| \`${type}\``)) ?? "";
      const { properties } = schema.$defs[type] as { readonly properties: object };
      for (const option of Object.keys(properties)) {
        if (!["type", "from", "to", "detached"].includes(option)) expect(row, type).toContain(`\`${option}\``);
      }
    }
  });

  it.each([
    [{ perSecond: 0.5, burst: 1, per10000: 0, quota: "account-eu" }, true],
    [{ perSecond: 1000 }, true],
    [{}, false],
    [{ perSecond: 0 }, false],
    [{ perSecond: "5" }, false],
    [{ perSecond: 5, burst: 0.5 }, false],
    [{ perSecond: 5, per10000: -1 }, false],
    [{ perSecond: 5, quota: "" }, false],
    [{ perSecond: 5, perMinute: 1 }, false],
  ])("has KEKs whose rate may be %j: %s", (rate, isRate) => {
    expect(complaint({ rates: { dr: rate } }) === undefined).toBe(isRate);
    expect(editorAccepts({ rates: { dr: rate } })).toBe(isRate);
  });
});
