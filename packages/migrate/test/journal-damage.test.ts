import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcomeClasses } from "../src/index.ts";
import { systemClocks } from "../src/journal/clocks.ts";
import { openJournalWith } from "../src/journal/journal.ts";
import { type JournalRun, openJournal } from "../src/journal.ts";
import { seeded } from "./campaign/seeded.ts";
import { forbidWriting } from "./support/forbid.ts";
import { createTwin, newFolder, start, type Twin } from "./support/journal-beside.ts";

const made = new DisposableStack();
afterAll(() => made.dispose());

let twin: Twin;
/** A journal of three runs, whole in its file, and the same with a log beside it that is not in the file yet. */
let [whole, withLog]: [string, string] = ["", ""];
beforeAll(async () => {
  twin = await createTwin();
  const folder = newFolder(made);
  whole = join(folder, "whole.db");
  const journal = openJournal(whole);
  for (let i = 0; i < 3; i++) {
    const kept = journal.begin(start);
    for (let n = 0; n < 200; n++) kept.outcome({ id: `object ${n}`, class: "quarantined", code: "malformed", reason: "cut" });
    kept.end("done");
  }
  withLog = join(folder, "log.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${whole}${suffix}`, `${withLog}${suffix}`);
  journal.close();
  expect(statSync(`${withLog}-wal`).size).toBeGreaterThan(10_000);
});

function copyOf(journal: string): string {
  const path = join(newFolder(made), "journal.db");
  for (const suffix of ["", "-wal"]) if (existsSync(`${journal}${suffix}`)) copyFileSync(`${journal}${suffix}`, `${path}${suffix}`);
  return path;
}

interface Ended {
  readonly warnings: readonly string[];
  /** Runs that the journal knows afterwards. */
  readonly runs: number;
  /** What lies beside it under another name, "damaged" in it. */
  readonly aside: readonly string[];
}

/** Whatever is wrong with the journal, the migration beside it ends as it does without one. */
async function migrateBeside(path: string, journal = openJournal, folder = dirname(path)): Promise<Ended> {
  const warnings: string[] = [];
  const opened = journal(path, { onWarning: (message) => warnings.push(message) });
  expect(await twin.with(opened)).toEqual(twin.books);
  const runs = opened.runs();
  for (const { id, books, error, options } of runs) {
    expect([typeof error, typeof (books?.scanned ?? 0), typeof (books?.classes.migrated ?? 0), typeof options]).toEqual([
      error === undefined ? "undefined" : "string",
      ...["number", "number", "object"],
    ]);
    const kept = [...opened.outcomes(id)];
    expect(kept.length).toBeLessThan(2_300);
    for (const one of kept) expect([typeof one.id, outcomeClasses.includes(one.class)]).toEqual(["string", true]);
  }
  opened.close();
  expect(warnings.length, warnings.join("\n")).toBeLessThanOrEqual(2);
  const aside = readdirSync(folder).filter((name) => name.includes("damaged") && !/-(wal|shm)$/.test(name));
  return { warnings, runs: runs.length, aside };
}

describe("a journal that is damaged", () => {
  test("is nothing to a run, cut at any length; it is set aside where it can be told that it is ours", async () => {
    const { size } = statSync(whole);
    const lengths = [
      ...Array.from({ length: 130 }, (_, i) => i),
      ...Array.from({ length: 120 }, (_, i) => 130 + Math.floor((i * (size - 130)) / 120)),
    ];
    for (const length of lengths) {
      const path = copyOf(whole);
      truncateSync(path, length);
      const before = readFileSync(path);
      const { warnings, runs, aside } = await migrateBeside(path);
      if (length === 0) expect({ warnings, runs, aside }).toEqual({ warnings: [], runs: 1, aside: [] });
      else {
        expect(warnings, `cut at ${length}`).toHaveLength(1);
        const kept = length < 72 ? path : join(dirname(path), aside[0] ?? "");
        expect(readFileSync(kept).equals(before), `cut at ${length}`).toBe(true);
        expect(runs).toBe(length < 72 ? 0 : 1);
      }
    }
  });

  test("is nothing to a run, with any bytes flipped, in the file or in the log beside it", async () => {
    const seed = randomInt(2 ** 31);
    const random = seeded(seed);
    let noticed = 0;
    for (let round = 0; round < 150; round++) {
      const path = copyOf(round % 2 === 0 ? whole : withLog);
      const victim = round % 4 === 3 ? `${path}-wal` : path;
      const bytes = readFileSync(victim);
      for (let flips = 1 + Math.floor(random() * 20); flips > 0; flips--) {
        const at = Math.floor(random() * (round % 3 === 0 ? 200 : bytes.length));
        bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      }
      writeFileSync(victim, bytes);
      const { warnings } = await migrateBeside(path).catch((error: unknown) => {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      });
      if (warnings.length > 0) noticed += 1;
    }
    expect(noticed, `seed ${seed}`).toBeGreaterThan(20);
  });

  test("tells nothing of what makes no sense in it", () => {
    const path = copyOf(whole);
    const database = new DatabaseSync(path);
    const set = (table: string, column: string, value: string): void => database.exec(`UPDATE ${table} SET ${column} = '${value}'`);
    const journal = openJournal(path);
    const twinBooks = JSON.stringify({ ...twin.books, classes: { ...twin.books.classes, gone: "3" } });
    for (const value of ["", "7", "null", "[]", "{}", '{"id":7,"class":"failed"}', '{"id":"a","class":"other"}', twinBooks]) {
      set("outcome", "outcome", value);
      expect([...journal.outcomes(1)], value).toEqual([]);
      for (const column of ["books", "error"]) set("run", column, value);
      expect(journal.runs()[0], value).toMatchObject({ books: undefined, error: undefined });
    }
    for (const [column, value] of [
      ["start", "[]"],
      ["process", "7"],
      ["state", "over"],
    ] as const) {
      set("run", column, value);
      expect(journal.runs(), column).toEqual([]);
    }
    journal.close();
    database.close();
  });

  test("is turned off when the damage shows in the middle of a run", async () => {
    const path = copyOf(whole);
    const warnings: string[] = [];
    const journal = openJournal(path, { onWarning: (message) => warnings.push(message) });
    const kept = journal.begin(start);
    const other = new DatabaseSync(path);
    other.exec("DROP TABLE outcome");
    other.close();
    for (let n = 0; n < 5_000; n++) kept.outcome({ id: `${n}`, class: "failed" });
    expect(await twin.with(journal)).toEqual(twin.books);
    kept.end("done", twin.books);
    expect([journal.runs(), [...journal.outcomes(1)]]).toEqual([[], []]);
    expect(warnings).toEqual([expect.stringContaining("is not used: no such table")]);
  });
});

describe("a journal that is given what nobody should give it", () => {
  test.each<[string, (kept: JournalRun) => void]>([
    ["an outcome of no text", (kept) => kept.outcome({ id: 7 as unknown as string, class: "failed" })],
    ["books that throw", (kept) => kept.progress({ type: "object", outcome: { id: "a", class: "gone" }, books: throwing })],
    ["books that are no JSON", (kept) => kept.end("done", { ...twin.books, bytes: 7n as unknown as number })],
  ])("is turned off, and throws nothing: %s", (_, give) => {
    const warnings: string[] = [];
    const journal = openJournal(join(newFolder(made), "journal.db"), { onWarning: (message) => warnings.push(message) });
    const kept = journal.begin(start);
    give(kept);
    kept.end("done");
    expect(warnings).toEqual([expect.stringContaining("is not used")]);
  });

  test("has no run to begin, where the options are no JSON", () => {
    const warnings: string[] = [];
    const journal = openJournal(join(newFolder(made), "journal.db"), { onWarning: (message) => warnings.push(message) });
    const kept = journal.begin({ ...start, options: { count: 7n } });
    kept.outcome({ id: "a", class: "failed" });
    kept.progress(twin.books);
    kept.end("done");
    expect([kept.id, journal.runs(), warnings]).toEqual([undefined, [], [expect.stringContaining("BigInt")]]);
  });
});

const throwing = (): never => {
  throw new Error("no books");
};

describe("a file that is no journal of ours", () => {
  const others: Readonly<Record<string, readonly [(path: string) => void, string]>> = {
    "a text": [(path) => writeFileSync(path, "Dear Anna,\n".repeat(100)), "no journal of letterlock"],
    "a folder": [(path) => mkdirSync(path), "no file"],
    "a database of somebody else": [
      (path) => {
        const database = new DatabaseSync(path);
        database.exec("CREATE TABLE users (id); INSERT INTO users VALUES (1)");
        database.close();
      },
      "no journal of letterlock",
    ],
    "a journal of a later version": [
      (path) => {
        copyFileSync(whole, path);
        const database = new DatabaseSync(path);
        database.exec("PRAGMA user_version = 2; ALTER TABLE run ADD COLUMN more");
        database.close();
      },
      "a later version of letterlock wrote it",
    ],
  };
  test.each(Object.entries(others))("is left alone: %s", async (_, [make, reason]) => {
    const path = join(newFolder(made), "journal.db");
    make(path);
    const before = statSync(path).isFile() ? readFileSync(path) : undefined;
    const { warnings, aside } = await migrateBeside(path);
    expect(warnings).toEqual([expect.stringContaining(reason)]);
    expect(aside).toEqual([]);
    if (before !== undefined) expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("is set aside with one trigger more than ours has: it may do anything", async () => {
    const path = copyOf(whole);
    const database = new DatabaseSync(path);
    database.exec("CREATE TRIGGER t AFTER INSERT ON outcome BEGIN DELETE FROM run; END");
    database.close();
    expect(await migrateBeside(path)).toMatchObject({
      warnings: [expect.stringContaining("was damaged")],
      runs: 1,
      aside: [expect.any(String)],
    });
  });
});

describe("a journal that cannot be written", () => {
  test("is nothing to a run: a folder or a file that is read-only, and no folder at all", async () => {
    const path = copyOf(whole);
    const folder = dirname(path);
    for (const target of [path, join(folder, "new.db"), join(folder, "folder", "new.db")]) {
      chmodSync(path, 0o644);
      const allow = await forbidWriting(folder);
      const ended = await migrateBeside(target, openJournal, folder).finally(allow);
      expect(ended).toMatchObject({ warnings: [expect.stringMatching(/is not used: .*(readonly|EACCES)/)], aside: [] });
    }
    expect(readFileSync(path).equals(readFileSync(whole))).toBe(true);
    expect(await migrateBeside(path)).toEqual({ warnings: [], runs: 4, aside: [] });
  });

  test("is nothing to a run: one that somebody holds locked, before it or within it", async () => {
    const path = copyOf(whole);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
    expect(await migrateBeside(path)).toMatchObject({ warnings: [expect.stringContaining("database is locked")], aside: [] });
    other.exec("ROLLBACK");
    const warnings: string[] = [];
    const journal = openJournal(path, { onWarning: (message) => warnings.push(message) });
    const kept = journal.begin(start);
    other.exec("BEGIN IMMEDIATE");
    for (let n = 0; n < 5_000; n++) kept.outcome({ id: `${n}`, class: "failed" });
    expect(warnings).toEqual([expect.stringContaining("database is locked")]);
    other.exec("ROLLBACK");
    other.close();
  });

  test("is nothing to a run: a disk that is full at any page", async () => {
    let full = 0;
    for (let pages = 1; pages <= 100; pages += 2) {
      class Small extends DatabaseSync {
        constructor(path: string, options: object) {
          super(path, options);
          this.exec(`PRAGMA max_page_count = ${pages}`);
        }
      }
      const path = join(newFolder(made), "journal.db");
      const ended = await migrateBeside(path, (at, options) => {
        const journal = openJournalWith(() => ({ DatabaseSync: Small }), systemClocks, at, options);
        const kept = journal.begin(start);
        for (let n = 0; n < 2_000; n++) kept.outcome({ id: `${n}`, class: "failed", reason: "x".repeat(20) });
        return journal;
      });
      if (ended.warnings.length > 0) {
        expect(ended.warnings).toEqual([expect.stringMatching(/is not used: database or disk is full/)]);
        full += 1;
      }
    }
    expect(full).toBeGreaterThan(20);
    expect(full).toBeLessThan(50);
  });

  test("is nothing to a run: a file system that is full", async (context) => {
    const small = newFolder(made);
    const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]).status === 0;
    context.skip(!isMounted, "a small file system cannot be mounted here; the test before this one stands for it");
    made.defer(() => void spawnSync("umount", [small]));
    for (let free = 256; free >= 0; free -= 16) {
      writeFileSync(join(small, "filler"), new Uint8Array((256 - free) * 1024));
      const path = join(small, `journal-${free}.db`);
      const warnings: string[] = [];
      const journal = openJournal(path, { onWarning: (message) => warnings.push(message) });
      const kept = journal.begin(start);
      for (let n = 0; n < 20_000; n++) kept.outcome({ id: `${n}`, class: "failed", reason: "x".repeat(20) });
      expect(await twin.with(journal)).toEqual(twin.books);
      journal.close();
      expect(warnings, `${free} KiB free`).toEqual([expect.stringMatching(/is not used: .*(full|ENOSPC|I\/O)/)]);
      for (const name of readdirSync(small)) spawnSync("rm", ["-f", join(small, name)]);
    }
  });

  test("is nothing to a run: a Node without SQLite", async () => {
    const path = join(newFolder(made), "journal.db");
    const ended = await migrateBeside(path, (at, options) => openJournalWith(() => undefined, systemClocks, at, options));
    expect(ended.warnings).toEqual([expect.stringContaining("use 22.13 or later")]);
    expect(existsSync(path)).toBe(false);
  });
});
