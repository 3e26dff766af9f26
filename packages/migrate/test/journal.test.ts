import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { seal } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { type Books, type Migration, memoryStore, type Outcome, run } from "../src/index.ts";
import { openJournalWith } from "../src/journal/journal.ts";
import { openJournal } from "../src/journal.ts";
import { newFolder, start } from "./support/journal-beside.ts";
import { newKek } from "./support/keys.ts";

const made = new DisposableStack();
afterAll(() => made.dispose());

const [old, target] = [newKek("old"), newKek("new")];
const newPath = (): string => join(newFolder(made), "journal.db");

async function migration(good: number, foreign: readonly string[] = []): Promise<Migration> {
  const store = memoryStore();
  for (let i = 0; i < good; i++) store.put(`good ${i}`, await seal(new Uint8Array(1), [old]));
  for (const id of foreign) store.put(id, new Uint8Array(3));
  return { store, from: [old], to: [target] };
}

const noWarning = (message: string): never => {
  throw new Error(message);
};

describe("openJournal", () => {
  test("keeps what was asked, the books and every exception of a run", async () => {
    const path = newPath();
    const hostile = ["a\0b", "\ud800", "<script>", "'; DROP TABLE run; --", "s3://me@bucket/a", "x".repeat(5_000)];
    const journal = openJournal(path, { onWarning: noWarning });
    expect(existsSync(path)).toBe(false);
    const kept = journal.begin(start);
    expect(journal.runs()).toMatchObject([{ id: kept.id, state: "running", pid: process.pid }]);
    const books = await run(await migration(20, hostile), { onProgress: kept.progress });
    kept.end("done", books);
    journal.close();

    const again = openJournal(path, { onWarning: noWarning });
    const [record] = again.runs();
    const { exceptions, ...counted } = books;
    expect(record).toMatchObject({ ...start, state: "done", outcomes: hostile.length, books: counted, error: undefined });
    expect([...again.outcomes(record?.id ?? 0)]).toEqual(exceptions.map((one) => JSON.parse(JSON.stringify(one))));
    expect([...again.outcomes(record?.id ?? 0)].map(({ id }) => id).sort()).toEqual([...hostile].sort());
    again.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("keeps all exceptions, far more than the books do", async () => {
    const journal = openJournal(newPath(), { onWarning: noWarning });
    const kept = journal.begin(start);
    const outcome = (i: number): Outcome => ({ id: String(i), class: "failed", code: "store", reason: `reason ${i}` });
    for (let i = 0; i < 12_345; i++) kept.outcome(outcome(i));
    kept.end("failed", undefined, new Error("the cable"));
    expect([...journal.outcomes(kept.id ?? 0)]).toEqual(Array.from({ length: 12_345 }, (_, i) => outcome(i)));
    expect(journal.runs()).toMatchObject([{ state: "failed", error: "the cable", outcomes: 12_345 }]);
    journal.close();
  });

  test("keeps no password of a URL", () => {
    const journal = openJournal(newPath(), { onWarning: noWarning });
    const kept = journal.begin({ ...start, store: "postgres://me:hun/ter2@hunter2@db/app", options: { queue: "redis://:hunter2@queue" } });
    kept.outcome({ id: "a", class: "failed", code: "store", reason: "no route to postgres://me:#hun?ter2/hunter2@db/app" });
    kept.end("failed", undefined, "redis://:hunter2@queue is gone");
    expect(journal.runs()).toMatchObject([{ store: "postgres://…@db/app", error: "redis://…@queue is gone" }]);
    expect(JSON.stringify([...journal.runs(), ...journal.outcomes(kept.id ?? 0)])).not.toContain("hunter2");
    journal.close();
  });

  test("writes a million objects in a transaction a second, and exceptions by the thousand", () => {
    let commits = 0;
    class Counted extends DatabaseSync {
      override exec(sql: string): void {
        if (sql === "COMMIT") commits += 1;
        super.exec(sql);
      }
    }
    let nowMs = 0;
    const clocks = { wallMs: () => 0, monotonicMs: () => nowMs };
    const journal = openJournalWith(() => ({ DatabaseSync: Counted }), clocks, newPath(), { onWarning: noWarning });
    const kept = journal.begin(start);
    const outcome: Outcome = { id: "a", class: "migrated" };
    const books = (): Books => ({ ...noBooks, scanned: nowMs });
    commits = 0;
    for (let i = 0; i < 1_000_000; i++) {
      nowMs += 1 / 32;
      kept.progress({ type: "object", outcome, books });
    }
    expect(commits).toBe(31);
    expect(journal.runs()[0]?.elapsedMs).toBe(31_000);
    for (let i = 0; i < 10_000; i++) kept.progress({ type: "object", outcome: { id: "a", class: "failed" }, books });
    expect(commits).toBe(41);
    kept.progress({ ...noBooks, scanned: 5 });
    kept.end("interrupted");
    kept.end("done");
    kept.outcome({ id: "late", class: "failed" });
    expect(journal.runs()).toMatchObject([{ state: "interrupted", outcomes: 10_000, books: { scanned: 5 } }]);
    journal.close();
  });
});

const noBooks: Books = {
  scanned: 0,
  classes: { migrated: 0, already: 0, gone: 0, foreign: 0, quarantined: 0, conflict: 0, failed: 0 },
  ...{ codes: {}, unverified: 0, bytes: 0, exceptions: [], ok: true },
};
