import type { DatabaseSync } from "node:sqlite";
import { type Books, bad } from "../books.ts";
import type { Progress } from "../each-object.ts";
import type { Outcome } from "../outcome.ts";
import { withoutPasswords } from "../without-passwords.ts";
import type { Clocks } from "./clocks.ts";
import { thisProcess } from "./run-process.ts";
import type { RunState } from "./run-record.ts";

/** What was asked for. It is written as it is given, but for passwords in URLs: no key material, no tokens. */
export interface RunStart {
  /** "run", "verify", "finish". */
  readonly command: string;
  /** The store's description. */
  readonly store: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** None of these ever throws. */
export interface JournalRun {
  /** Of the run in the journal; undefined where the journal is off. */
  readonly id: number | undefined;
  /** Takes events as `onProgress` gives them, and enters the outcomes that are exceptions; or books, where others count. */
  progress(event: Progress | Books): void;
  /** Enters an outcome that no event told. */
  outcome(outcome: Outcome): void;
  /** The last word. `error` is what ended it, where something did. */
  end(state: Exclude<RunState, "running">, books?: Books, error?: unknown): void;
}

/** So many outcomes, or so many milliseconds, are one transaction. */
const batchOutcomes = 1_000;
const batchMs = 1_000;
/** A run that waits shows that it lives. */
const beatEveryMs = 5_000;
/** In characters, of an id or a reason. */
const longestText = 8_192;

/** `guarded` runs what may fail, and does nothing where the journal is off. */
export function beginRun(database: DatabaseSync, start: RunStart, clocks: Clocks, guarded: (work: () => void) => void): JournalRun {
  const beganMs = clocks.monotonicMs();
  const { lastInsertRowid } = database
    .prepare("INSERT INTO run (start, process, began, state, elapsedMs, beatMs, outcomes) VALUES (?, ?, ?, 'running', 0, ?, 0)")
    .run(
      JSON.stringify(start, (_, part) => (typeof part === "string" ? withoutPasswords(part) : part)),
      JSON.stringify(thisProcess()),
      new Date(clocks.wallMs()).toISOString(),
      beganMs,
    );
  const id = Number(lastInsertRowid);
  const insert = database.prepare("INSERT INTO outcome (run, number, outcome) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE run SET state = ?, elapsedMs = ?, beatMs = ?, outcomes = ?, books = ?, error = ? WHERE id = ?");
  let [waiting, written, writtenAtMs, isOver]: [string[], number, number, boolean] = [[], 0, beganMs, false];
  let books: (() => Books) | undefined;

  const write = (state: RunState, error?: unknown): void => {
    const batch = waiting;
    waiting = [];
    writtenAtMs = clocks.monotonicMs();
    guarded(() => {
      database.exec("BEGIN IMMEDIATE");
      for (const outcome of batch) insert.run(id, written++, outcome);
      update.run(state, writtenAtMs - beganMs, writtenAtMs, written, JSON.stringify(withoutExceptions(books?.())), errorText(error), id);
      database.exec("COMMIT");
    });
  };
  const enter = ({ id, class: ending, code, reason, unverified }: Outcome): void =>
    guarded(() => {
      waiting.push(JSON.stringify({ id: shortened(id), class: ending, code, reason: reason && textFor(reason), unverified }));
    });
  const writeWhenDue = (): void => {
    if (waiting.length >= batchOutcomes || clocks.monotonicMs() - writtenAtMs >= batchMs) write("running");
  };
  const beats = setInterval(() => write("running"), beatEveryMs).unref();
  return {
    id,
    progress(event) {
      if (isOver) return;
      if (!("type" in event)) books = () => event;
      else if (event.type === "object") {
        books = event.books;
        if (bad.includes(event.outcome.class)) enter(event.outcome);
      }
      writeWhenDue();
    },
    outcome(outcome) {
      if (isOver) return;
      enter(outcome);
      writeWhenDue();
    },
    end(state, last, error) {
      if (isOver) return;
      isOver = true;
      clearInterval(beats);
      if (last !== undefined) books = () => last;
      write(state, error);
    },
  };
}

/** Where the journal is off. */
export function noRun(): JournalRun {
  return { id: undefined, progress() {}, outcome() {}, end() {} };
}

function withoutExceptions(books: Books | undefined): object | null {
  if (books === undefined) return null;
  const { exceptions: _, ...rest } = books;
  return rest;
}

function errorText(error: unknown): string | null {
  if (error === undefined) return null;
  return JSON.stringify(textFor(error instanceof Error ? error.message : String(error)));
}

function textFor(message: string): string {
  return shortened(withoutPasswords(message));
}

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
