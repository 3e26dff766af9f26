import { LetterlockErrorCode } from "@letterlock/core";
/** How an object ended. Each ends in exactly one class. */
type OutcomeClass = "migrated" | "already" | "gone" | "foreign" | "quarantined" | "conflict" | "failed";
interface Outcome {
  readonly id: string;
  readonly class: OutcomeClass;
  /** Where an error decided: its code; "store" for an error of the store, "not-verified" where what was wrapped for the target did not open again. */
  readonly code?: LetterlockErrorCode | "store" | "not-verified" | undefined;
  /** For people. Never key material or plaintext. */
  readonly reason?: string | undefined;
  /** Migrated inside the provider, so that nobody has opened it with the target yet. */
  readonly unverified?: true | undefined;
}
/** What became of everything that was scanned. The classes add up to `scanned`. */
interface Books {
  readonly scanned: number;
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  /** How often each code decided: "not-authentic", "store". */
  readonly codes: Readonly<Record<string, number>>;
  /** Of the migrated: those that nobody has opened with the target yet. */
  readonly unverified: number;
  /** In bytes, of what was scanned. */
  readonly bytes: number;
  /** The first outcomes that are neither migrated, already nor gone; at most 100. */
  readonly exceptions: readonly Outcome[];
  /** No object is foreign, quarantined, conflict or failed, other than in classes that were accepted. */
  readonly ok: boolean;
}
type Progress = {
  readonly type: "object";
  readonly outcome: Outcome;
  readonly books: () => Books;
} | {
  readonly type: "pace";
  readonly concurrency: number;
};
type RunState = "running" | "done" | "failed" | "interrupted";
/** The books without their first exceptions: `outcomes` of the journal has all of them. */
type RunBooks = Omit<Books, "exceptions">;
/** A run as the journal knows it. The journal can lack what was not written before a process was killed; what is true of the objects stands in their store. */
interface RunRecord extends Required<RunStart> {
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
/** What was asked for. It is written as it is given, but for passwords in URLs: no key material, no tokens. */
interface RunStart {
  /** "run", "verify", "finish". */
  readonly command: string;
  /** The store's description. */
  readonly store: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}
/** None of these ever throws. */
interface JournalRun {
  /** Of the run in the journal; undefined where the journal is off. */
  readonly id: number | undefined;
  /** Takes events as `onProgress` gives them, and enters the outcomes that are exceptions; or books, where others count. */
  progress(event: Progress | Books): void;
  /** Enters an outcome that no event told. */
  outcome(outcome: Outcome): void;
  /** The last word. `error` is what ended it, where something did. */
  end(state: Exclude<RunState, "running">, books?: Books, error?: unknown): void;
}
/**
 * What runs did, for people: progress and reports. A migration never needs it: a journal that is damaged, foreign, locked or full never throws; it is set aside or
 * left alone, and turned off with one warning.
 */
interface Journal {
  readonly path: string;
  begin(run: RunStart): JournalRun;
  /** All of them, in the order in which they began. */
  runs(): readonly RunRecord[];
  /** What a run kept, in the order in which it ended. */
  outcomes(runId: number): Iterable<Outcome>;
  close(): void;
}
interface JournalOptions {
  /** Called when the journal is set aside or turned off; a warning of the process by default. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
/** A file of SQLite, which several runners on one machine may share. It is made, with mode 0600, when the first run begins. */
declare function openJournal(path: string, options?: JournalOptions): Journal;
export { type Journal, type JournalOptions, type JournalRun, type RunBooks, type RunRecord, type RunStart, type RunState, openJournal };
