import type { Books } from "../books.ts";
import type { RunStart } from "./journal-run.ts";
import { isThere, type RunProcess } from "./run-process.ts";
import { booksIn, objectIn, objectOf, textIn } from "./stored-json.ts";

export type RunState = "running" | "done" | "failed" | "interrupted";

/** The books without their first exceptions: `outcomes` of the journal has all of them. */
export type RunBooks = Omit<Books, "exceptions">;

/** A run as the journal knows it. The journal can lack what was not written before a process was killed; what is true of the objects stands in their store. */
export interface RunRecord extends Required<RunStart> {
  /** Grows from run to run. */
  readonly id: number;
  /** "interrupted" also where the process is gone without a word. */
  readonly state: RunState;
  /** When it began, in ISO 8601, by a clock that people set: for people, and for no calculation. */
  readonly began: string;
  /** How long it has run, in milliseconds, by a clock that nobody sets; of a process that was killed, until it wrote for the last time. */
  readonly elapsedMs: number;
  readonly books: RunBooks | undefined;
  /** How many outcomes are kept. */
  readonly outcomes: number;
  readonly error: string | undefined;
  readonly host: string;
  readonly pid: number;
}

/** Without a sign of life for this long, a process that cannot be looked up counts as gone. */
export const longestSilenceMs = 60_000;

/** A row of the table, or undefined where something in it makes no sense. `nowMs` is the clock of the machine that nobody sets. */
export function recordOf(row: Readonly<Record<string, unknown>>, nowMs: number): RunRecord | undefined {
  const { id, state, began, elapsedMs, beatMs, outcomes } = row;
  const start = objectIn(row.start);
  const runner = objectIn(row.process) as RunProcess | undefined;
  if (typeof id !== "number" || typeof began !== "string" || typeof elapsedMs !== "number" || typeof beatMs !== "number") return undefined;
  if (start === undefined || runner === undefined || !isState(state) || typeof start.command !== "string") return undefined;
  return {
    ...{
      command: start.command,
      store: String(start.store),
      from: listOf(start.from),
      to: listOf(start.to),
      options: objectOf(start.options) ?? {},
    },
    ...{ id, began, elapsedMs, outcomes: Number(outcomes), host: String(runner.host), pid: Number(runner.pid) },
    state: state === "running" && !isAlive(runner, beatMs, nowMs) ? "interrupted" : state,
    books: booksIn(row.books),
    error: textIn(row.error),
  };
}

function isAlive(runner: RunProcess, beatMs: number, nowMs: number): boolean {
  // Both times count from the start of the machine, so that a beat of the future was before another start.
  return isThere(runner) ?? (nowMs >= beatMs && nowMs - beatMs < longestSilenceMs);
}

function isState(state: unknown): state is RunState {
  return ["running", "done", "failed", "interrupted"].includes(String(state));
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
