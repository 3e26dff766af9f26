import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { letterlockIn, sharedFolder } from "./letterlock-command.ts";
import { storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealed, sealedText, opened, moves, migrate } = storeMigration(folder);
const at = (name: string): string => join(folder, name);

describe("letterlock migrate", { timeout: 60_000 }, () => {
  it("moves the files of a folder that a pattern names, and no others", async () => {
    mkdirSync(at("tree/.deep"), { recursive: true });
    writeFileSync(at("tree/a.ltrl"), await sealed("a"));
    writeFileSync(at("tree/.deep/b.ltrl"), await sealed("b"));
    writeFileSync(at("tree/read.me"), "hello");
    await moves({ type: "files", folder: "tree", include: ["**/*.ltrl"] }, 2);
    expect(await opened(readFileSync(at("tree/.deep/b.ltrl")))).toBe("b");
    const { status, stdout } = await migrate(["verify"], { all: { type: "files", folder: "tree" } });
    expect([status, stdout]).toEqual([1, expect.stringContaining("all: 3 objects")]);
  });

  it("moves fields of NDJSON, JSON and CSV", async () => {
    writeFileSync(at("a.ndjson"), `{"id":1,"user":{"ssn":"${await sealedText("1")}"}}\n{"id":2,"a.b":"${await sealedText("2")}"}\n`);
    await moves({ type: "ndjson", file: "a.ndjson", fields: ["user.ssn", ["a.b"]], key: "id" }, 2);
    const [first = ""] = readFileSync(at("a.ndjson"), "utf8").split("\n");
    expect(await opened((JSON.parse(first) as { user: { ssn: string } }).user.ssn)).toBe("1");

    writeFileSync(at("a.json"), JSON.stringify([{ ssn: await sealedText("1") }, { ssn: await sealedText("2") }]));
    await moves({ type: "json", file: "a.json", fields: ["*.ssn"] }, 2);
    expect(await opened((JSON.parse(readFileSync(at("a.json"), "utf8")) as { ssn: string }[])[1]?.ssn ?? "")).toBe("2");

    writeFileSync(at("a.csv"), `id;ssn\n1;${await sealedText("1")}\n2;\n3;${await sealedText("3")}\n`);
    await moves({ type: "csv", file: "a.csv", columns: ["ssn"], delimiter: ";", key: "id" }, 2);
    expect(await opened(readFileSync(at("a.csv"), "utf8").split("\n")[3]?.split(";")[1] ?? "")).toBe("3");
  });

  it("moves a column of SQLite, of bytes and of texts, with an own key", async () => {
    const database = new DatabaseSync(at("a.db"));
    database.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, ssn)");
    database.prepare("INSERT INTO users VALUES (1, 'a', ?), (2, 'b', ?), (3, 'c', NULL)").run(await sealed("1"), await sealedText("2"));
    await moves({ type: "sqlite", file: "a.db", table: "users", column: "SSN", key: ["name"] }, 2);
    const values = database
      .prepare("SELECT ssn FROM users ORDER BY id")
      .all()
      .map(({ ssn }) => ssn);
    expect(await Promise.all(values.slice(0, 2).map((value) => opened(value as Uint8Array | string)))).toEqual(["1", "2"]);
    database.close();
  });

  it("passes over what Node says of SQLite, and not over what it says of something else", async () => {
    const configuration = {
      keks: { old: "local:old.key", new: "local:new.key" },
      stores: { a: { type: "ndjson", file: "a.ndjson", fields: ["user.ssn"] } },
    };
    const warnings = `process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
      process.emitWarning("Rust is one too", "ExperimentalWarning");`;
    writeFileSync(at("warns.mjs"), `${warnings} export default ${JSON.stringify(configuration)};`);
    const words = ["migrate", "plan", "--from", "old", "--to", "new", "--no-journal", "--config", "warns.mjs"];
    const { status, stderr } = await letterlockIn(folder, {})(...words);
    expect([status, stderr]).toEqual([0, "letterlock: ExperimentalWarning: Rust is one too\n"]);
  });

  it("looks for nothing and changes nothing where one of several stores is not there", async () => {
    mkdirSync(at("lonely"));
    writeFileSync(at("lonely/a"), await sealed("a"));
    const before = readFileSync(at("lonely/a"));
    const ran = await migrate(["run"], { first: { type: "files", folder: "lonely" }, second: { type: "files", folder: "nowhere" } });
    expect(ran).toEqual({ status: 2, stdout: "", stderr: `letterlock: stores.second.folder: ${at("nowhere")} cannot be read: ENOENT\n` });
    expect(readFileSync(at("lonely/a"))).toEqual(before);
  });
});

const wrong: readonly (readonly [entry: Readonly<Record<string, unknown>>, says: () => string])[] = [
  [{ type: "files", folder: "text.txt" }, () => `stores.a.folder: ${at("text.txt")} is no folder`],
  [{ type: "ndjson", file: "none", fields: ["a"] }, () => `stores.a.file: ${at("none")} cannot be read: ENOENT`],
  [{ type: "json", file: "empty", fields: ["a"] }, () => `stores.a.file: ${at("empty")} is no file`],
  [{ type: "json", file: "text.txt", fields: ["a..b"] }, () => "stores.a: fields must be a list of names or paths, at least one"],
  [
    { type: "csv", file: "b.csv", columns: ["ssn"] },
    () => `stores.a: the first line of ${at("b.csv")} is no line of names that fits: it names no column "ssn"`,
  ],
  [{ type: "csv", file: "b.csv", columns: ["name"], key: "ssn" }, () => 'it names no column "ssn"'],
  [{ type: "sqlite", file: "none.db", table: "users", column: "ssn" }, () => `stores.a.file: ${at("none.db")} cannot be read: ENOENT`],
  [{ type: "sqlite", file: "shop.db", table: "user", column: "ssn" }, () => 'stores.a: there is no table "user"'],
  [{ type: "sqlite", file: "shop.db", table: "users", column: "snn" }, () => "stores.a.column: users has no column snn: it has id, ssn"],
  [{ type: "sqlite", file: "shop.db", table: "users", column: "ssn", key: ["email"] }, () => "stores.a: users has no column email"],
  [{ type: "postgres", url: "postgres://app:hunter2%@db/x", table: "t", column: "c" }, () => "stores.a.url: a % is written %25"],
  [{ type: "postgres", url: "postgres://app:hunter2#@db/x", table: "t", column: "c" }, () => "stores.a.url: this is no URI"],
  [
    { type: "postgres", url: "postgres://app@db/x?password=hunter2", table: "t", column: "c" },
    () => "stores.a.url: the parameters are sslmode, ",
  ],
  [{ type: "redis", url: "redis://app:hunter2@cache/keys" }, () => "stores.a.url: a host, and a number or nothing after it"],
  [{ type: "redis", url: "redis://cache?password=hunter2" }, () => "stores.a.url: there are no parameters"],
  [
    { type: "s3", bucket: "b", endpoint: "https://app:hunter2@s3.example.com" },
    () => "stores.a.endpoint: write https://HOST[:PORT], without credentials",
  ],
  [
    { type: "dynamodb", table: "t", key: ["id"], attribute: "a", endpoint: "http://h/?password=hunter2" },
    () => "stores.a.endpoint: write https",
  ],
  [{ type: "mysql" }, () => "stores.a.type: write one of files, "],
];

describe("a store that is not as the configuration says", { timeout: 60_000 }, () => {
  const shop = at("shop.db");
  const make = (): void => {
    const database = new DatabaseSync(shop);
    database.exec("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, ssn BLOB)");
    database.close();
    writeFileSync(at("text.txt"), "no table\n".repeat(1_000));
    writeFileSync(at("b.csv"), "id,name\n1,a\n");
    mkdirSync(at("empty"), { recursive: true });
  };

  it.each(wrong)("%j is wrong usage", async (entry, says) => {
    make();
    const { status, stdout, stderr } = await migrate(["plan", "--debug"], { a: entry });
    expect(stderr).toContain(says());
    expect(stderr).not.toContain("hunter2");
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("is told from one that is locked, or no database", async () => {
    make();
    const entry = { type: "sqlite", table: "users", column: "ssn" };
    const text = await migrate(["plan"], { a: { ...entry, file: "text.txt" } });
    expect(text.stderr).toBe(
      `letterlock: wrong-usage: the store a (${at("text.txt")}) failed (ERR_SQLITE_ERROR): it is no database of SQLite: name another file\n`,
    );
    expect(text.status).toBe(2);
    const other = new DatabaseSync(shop);
    other.exec("BEGIN EXCLUSIVE");
    const began = performance.now();
    const locked = await migrate(["plan"], { a: { ...entry, file: "shop.db" } });
    other.close();
    expect(performance.now() - began, "it waits for the other one").toBeGreaterThan(5_000);
    expect(locked.stderr).toContain(`unavailable: the store a (${shop}) failed (ERR_SQLITE_ERROR): another process holds it locked`);
    expect(locked.status).toBe(5);
  });
});
