import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kek, seal } from "@letterlock/core";
import { type Books, memoryStore, type RunOptions, run } from "../../src/index.ts";
import type { Journal, RunStart } from "../../src/journal.ts";
import { newKek } from "./keys.ts";

export const start: RunStart = { command: "run", store: "memory", from: ["old"], to: ["new"], options: { keep: true } };

export function newFolder(made: DisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "letterlock-journal-"));
  made.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A migration that is run with any number of journals, from the same beginning, and ends with the same books every time. */
export interface Twin {
  /** What it ends with when there is no journal. */
  readonly books: Books;
  /** Runs it with a journal beside it. */
  with(journal: Journal): Promise<Books>;
}

export async function createTwin(foreign: readonly string[] = ["foreign 1", "foreign 2"]): Promise<Twin> {
  const [old, target]: [Kek, Kek] = [newKek("old"), newKek("new")];
  const objects = new Map<string, Uint8Array>(foreign.map((id) => [id, new Uint8Array(3)]));
  for (const id of ["a", "b", "c"]) objects.set(id, await seal(new Uint8Array(10), [old]));
  const migrate = async (options: RunOptions) => {
    const store = memoryStore();
    for (const [id, object] of objects) store.put(id, object);
    return await run({ store, from: [old], to: [target] }, options);
  };
  return {
    books: await migrate({}),
    async with(journal) {
      const kept = journal.begin(start);
      const books = await migrate({ onProgress: kept.progress });
      kept.end("done", books);
      return books;
    },
  };
}
