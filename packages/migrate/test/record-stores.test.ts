import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asStored, fromText, open, seal, toText } from "@letterlock/core";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, test } from "vitest";
import { csvStore, type EnvelopeStore, jsonStore, ndjsonStore, run } from "../src/index.ts";
import { cutAtLines } from "../src/record-layout.ts";
import { forbidReading, forbidWriting } from "./support/forbid.ts";
import { newKek } from "./support/keys.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

async function newFile(content = ""): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-records-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "data"), content);
  return join(folder, "data");
}

/** A table of names and texts, however a file writes it. */
interface Table {
  readonly open: (file: string) => EnvelopeStore;
  readonly read: (text: string) => Map<string, string>;
  readonly write: (rows: Map<string, string>) => string;
  readonly idOf: (name: string) => string;
}

function subjects({ open: openStore, read, write, idOf }: Table) {
  return async () => {
    const file = await newFile(write(new Map()));
    const folder = join(file, "..");
    const change = async (by: (rows: Map<string, string>) => void) => {
      const rows = read(await readFile(file, "utf8"));
      by(rows);
      await writeFile(`${file}.new`, write(rows));
      await rename(`${file}.new`, file);
    };
    return {
      store: openStore(file),
      another: async () => openStore(file),
      textOnly: true,
      hugeBytes: 3 * 1024 * 1024,
      put: async (name: string, object: Uint8Array) => {
        await change((rows) => rows.set(name, Buffer.from(object).toString()));
        return idOf(name);
      },
      delete: (name: string) => change((rows) => void rows.delete(name)),
      get: async (name: string) => {
        const text = read(await readFile(file, "utf8")).get(name);
        return text === undefined ? undefined : new Uint8Array(Buffer.from(text));
      },
      forbid: () => forbidWriting(folder),
      forbidReading: () => forbidReading(folder),
      leftovers: async () => (await readdir(folder)).filter((name) => name.includes(".letterlock-")),
    };
  };
}

testShippedStore(
  "ndjsonStore",
  "by a member",
  subjects({
    open: (file) => ndjsonStore({ file, fields: ["user.ssn"], key: "id" }),
    idOf: (name) => `${JSON.stringify(name)}/user/ssn`,
    read: (text) => {
      const lines = text.split("\n").filter((line) => line !== "");
      return new Map(lines.map((line) => JSON.parse(line) as { id: string; user: { ssn: string } }).map(({ id, user }) => [id, user.ssn]));
    },
    write: (rows) => [...rows].map(([id, ssn]) => `${JSON.stringify({ id, n: 1, user: { ssn } })}\n`).join(""),
  }),
);

testShippedStore(
  "jsonStore",
  "by a path",
  subjects({
    open: (file) => jsonStore({ file, fields: [["users", "*", "ssn"]] }),
    idOf: (name) => `/users/_${name.replaceAll("~", "~0").replaceAll("/", "~1")}/ssn`,
    read: (text) =>
      new Map(
        Object.entries((JSON.parse(text) as { users: Record<string, { ssn: string }> }).users).map(([name, { ssn }]) => [
          name.slice(1),
          ssn,
        ]),
      ),
    write: (rows) => JSON.stringify({ users: Object.fromEntries([...rows].map(([name, ssn]) => [`_${name}`, { ssn }])) }),
  }),
);

const quoted = (text: string) => (/["\n\r,]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
testShippedStore(
  "csvStore",
  "by a column",
  subjects({
    open: (file) => csvStore({ file, columns: ["ssn"], key: "name" }),
    idOf: (name) => `${JSON.stringify(name)}/ssn`,
    read: (text) => new Map((parse(text, { columns: true }) as { name: string; ssn: string }[]).map(({ name, ssn }) => [name, ssn])),
    write: (rows) =>
      ["name,n,ssn,note", ...[...rows].map(([name, ssn]) => `${quoted(name)},1,${ssn},"a ""note"", of\ntwo lines"`), ""].join("\r\n"),
  }),
);

describe("a file of records", () => {
  const [old, target] = [newKek("old"), newKek("new")];
  const text = async (of: string) => toText(await seal(Buffer.from(of), [old]));
  const opened = async (value: string | undefined) =>
    Buffer.from(await open(fromText(value ?? ""), [target], { context: asStored() })).toString();

  test("keeps every other byte of NDJSON: numbers, spaces, order, a BOM and line ends", async () => {
    const [one, two] = [await text("one"), await text("two")];
    const line = (value: string) => `{ "n": 12345678901234567890.10, "ssn":"${value}",\t"e": 1e400, "ü": "\\u00fc" }`;
    const file = await newFile(`\uFEFF${line(one)}\r\n\r\n{"ssn":null}\n{"other":1}\n${line(two)}`);
    const books = await run({ store: ndjsonStore({ file, fields: ["ssn"] }), from: [old], to: [target] });
    expect(books).toMatchObject({ scanned: 2, classes: { migrated: 2 } });
    const after = await readFile(file, "utf8");
    const values = [...after.matchAll(/"ssn":"([^"]+)"/g)].map(([, value]) => value);
    expect(after).toBe(`\uFEFF${line(values[0] ?? "")}\r\n\r\n{"ssn":null}\n{"other":1}\n${line(values[1] ?? "")}`);
    expect([await opened(values[0]), await opened(values[1])]).toEqual(["one", "two"]);
  });

  test("moves several fields of a line, those in arrays, and both of two members of one name", async () => {
    const [a, b, c, d] = [await text("a"), await text("b"), await text("c"), await text("d")];
    const file = await newFile(`{"x":["${a}","${b}"],"y":"${c}","y":"${d}"}\n`);
    const books = await run({ store: ndjsonStore({ file, fields: ["x.*", "y"] }), from: [old], to: [target] });
    expect(books.classes.migrated).toBe(4);
    const values = [...(await readFile(file, "utf8")).matchAll(/ltrlE[\w-]+/g)].map(([value]) => value);
    expect(await Promise.all(values.map(opened))).toEqual(["a", "b", "c", "d"]);
  });

  test("says what it cannot read, and moves the rest", async () => {
    const good = await text("good");
    const file = await newFile(
      Buffer.concat([
        Buffer.from(`{"ssn":"${good}"}\n{broken\n`),
        Uint8Array.of(0xff, 0x0a),
        Buffer.from('{"ssn":5}\n{"ssn":"hello"}\n'),
      ]).toString("latin1"),
    );
    await writeFile(file, Buffer.from(await readFile(file, "utf8"), "latin1"));
    const books = await run({ store: ndjsonStore({ file, fields: ["ssn"] }), from: [old], to: [target] });
    expect(books).toMatchObject({ scanned: 5, classes: { migrated: 1, failed: 2, foreign: 2 } });
    expect(books.exceptions.map(({ reason }) => reason)).toEqual(expect.arrayContaining(["it is no JSON", "it is not UTF-8"]));
  });

  test("keeps quotes and every other cell of CSV, with the same text in two cells", async () => {
    const one = await text("one");
    const row = (value: string) => `"${value}","a ""b""; c";see ${one};${value}`.replaceAll('","', '";"');
    const file = await newFile(`first;note;copy;ssn\n${row(one)}\n;;;\n`);
    await run({ store: csvStore({ file, columns: ["ssn", "first"], delimiter: ";" }), from: [old], to: [target] });
    const after = await readFile(file, "utf8");
    const [cells] = parse(after, { delimiter: ";", from: 2 }) as string[][];
    expect(cells?.slice(1, 3)).toEqual(['a "b"; c', `see ${one}`]);
    expect([await opened(cells?.[0]), await opened(cells?.[3])]).toEqual(["one", "one"]);
    expect(after.startsWith('first;note;copy;ssn\n"ltrl')).toBe(true);
  });

  test("looks at each byte of CSV once, also where a quote is never closed", async () => {
    const cut = async (text: string, mostBytes?: number): Promise<string[]> => {
      const chunks = async function* () {
        for (let at = 0; at < text.length; at += 7) yield Buffer.from(text.slice(at, at + 7));
      };
      const records: string[] = [];
      for await (const record of cutAtLines(chunks(), { quote: 0x22, mostBytes })) records.push(record.toString());
      return records;
    };
    expect(await cut('a,b\n"1\n2",3\r\n"""4\n5",\n\n6')).toEqual(["a,b\n", '"1\n2",3\r\n', '"""4\n5",\n', "\n", "6"]);
    await expect(cut(`a,b\n5" pipe,1\n${"2,3\n".repeat(100)}`, 200)).rejects.toThrow(
      "record 2 is larger than 200 bytes, and a quote in it is not closed",
    );
    // As slow as the square of this would be minutes.
    const file = await newFile(`id,ssn\n1,5" pipe\n${"2,something that is no object\n".repeat(200_000)}`);
    const began = performance.now();
    const books = await run({ store: csvStore({ file, columns: ["ssn"] }), from: [old], to: [target] });
    expect(books.exceptions[0]).toMatchObject({ class: "failed", reason: "it is no row of a table" });
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("does not choose among columns of one name", async () => {
    const one = await text("one");
    const file = await newFile(`id,ssn,ssn\n1,${one},${one}\n`);
    const books = await run({ store: csvStore({ file, columns: ["ssn"] }), from: [old], to: [target] });
    expect(books).toMatchObject({ ok: false, exceptions: [{ class: "failed", reason: 'it names the column "ssn" twice' }] });
  });

  test("ends no run for a line of many layers, and counts a place once that two paths lead to", async () => {
    const good = await text("good");
    const file = await newFile(`${"[".repeat(100_000)}${"]".repeat(100_000)}\n{"a":{"ssn":"${good}"}}\n`);
    const books = await run({ store: ndjsonStore({ file, fields: ["a.ssn", "*.ssn", "a.*"] }), from: [old], to: [target] });
    expect(books).toMatchObject({ scanned: 2, classes: { migrated: 1, failed: 1 } });
    expect(books.exceptions).toMatchObject([{ id: "line 1", reason: "it is nested too deeply" }]);
  });

  test("names a column that the table does not have", async () => {
    const file = await newFile("a,b\n1,2\n");
    const books = await run({ store: csvStore({ file, columns: ["ssn"] }), from: [old], to: [target] });
    expect(books.exceptions[0]).toMatchObject({ class: "failed", reason: 'it names no column "ssn"' });
  });

  test("writes a file once for many objects", async () => {
    const lines = await Promise.all(Array.from({ length: 300 }, async (_, i) => `{"id":${i},"ssn":"${await text(String(i))}"}\n`));
    const file = await newFile(lines.join(""));
    const store = ndjsonStore({ file, fields: ["ssn"], key: "id" });
    const books = await run({ store, from: [old], to: [target] }, { concurrency: 4 });
    expect(books.classes.migrated).toBe(300);
    const after = (await readFile(file, "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { id: number; ssn: string });
    for (const { id, ssn } of after) expect(await opened(ssn)).toBe(String(id));
  });

  test("reads a text of many objects once for all that change, and not once for each", async () => {
    const texts = await Promise.all(Array.from({ length: 20 }, (_, i) => text(String(i))));
    const users = Array.from({ length: 4_000 }, (_, i) => ({ i, ssn: texts[i % 20] }));
    const file = await newFile(JSON.stringify({ users, "ü\u{1f600}": texts[0] }));
    const began = performance.now();
    const books = await run({ store: jsonStore({ file, fields: ["users.*.ssn"] }), from: [old], to: [target] });
    // Once for each took two minutes.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(books).toMatchObject({ ok: true, classes: { migrated: 4_000 } });
    const after = JSON.parse(await readFile(file, "utf8")) as { users: { i: number; ssn: string }[] };
    expect({ ...after, users: after.users.length }).toEqual({ users: 4_000, "ü\u{1f600}": texts[0] });
    for (const { i, ssn } of after.users.filter((_, at) => at % 97 === 0)) expect(await opened(ssn)).toBe(String(i % 20));
  });

  test("refuses what is no field and no file", () => {
    expect(() => ndjsonStore({ file: "a", fields: [] })).toThrow(TypeError);
    expect(() => ndjsonStore({ file: "", fields: ["a"] })).toThrow(TypeError);
    expect(() => ndjsonStore({ file: "a", fields: ["a..b"] })).toThrow(TypeError);
    expect(() => csvStore({ file: "a", columns: [] })).toThrow(TypeError);
    expect(() => csvStore({ file: "a", columns: ["a"], delimiter: '"' })).toThrow(TypeError);
    expect(() => jsonStore({ file: "a", fields: ["a"], key: "b" } as Parameters<typeof jsonStore>[0])).toThrow(TypeError);
  });
});
