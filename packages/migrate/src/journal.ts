export { type Journal, type JournalOptions, openJournal } from "./journal/journal.ts";
export type { JournalRun, RunStart } from "./journal/journal-run.ts";
export type { RunBooks, RunRecord, RunState } from "./journal/run-record.ts";
