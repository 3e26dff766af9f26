import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seal } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { type Migration, memoryStore, type Outcome, run } from "../src/index.ts";
import { openJournal, type RunStart } from "../src/journal.ts";
import { newKek } from "./support/keys.ts";

const made = new DisposableStack();
afterAll(() => made.dispose());

const start: RunStart = { command: "run", store: "memory", from: ["old"], to: ["new"], options: { keep: true } };
const [old, target] = [newKek("old"), newKek("new")];

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "letterlock-journal-"));
  made.defer(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "journal.db");
}

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
    const kept = journal.begin({ ...start, store: "postgres://me:hunter2@db/app", options: { queue: "redis://:hunter2@queue" } });
    kept.outcome({ id: "a", class: "failed", code: "store", reason: "no route to postgres://me:hunter2@db/app" });
    kept.end("failed", undefined, "redis://:hunter2@queue is gone");
    expect(journal.runs()).toMatchObject([{ store: "postgres://…@db/app", error: "redis://…@queue is gone" }]);
    expect(JSON.stringify([...journal.runs(), ...journal.outcomes(kept.id ?? 0)])).not.toContain("hunter2");
    journal.close();
  });
});
