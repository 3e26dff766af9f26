import type { Books, OutcomeClass, Progress } from "@letterlock/migrate";
import { SingleBar } from "cli-progress";
import { counted, timeSpan } from "../migrate/counted.ts";
import { printable } from "./printable.ts";

export interface WalkProgress {
  onProgress(event: Progress): void;
  /** Takes it off the screen. */
  stop(): void;
}

export interface WalkState {
  readonly name: string;
  readonly done: number;
  /** How many objects there are, where somebody has counted them. */
  readonly total: number | undefined;
  readonly seconds: number;
  readonly classes: Books["classes"] | undefined;
  /** How many objects are worked on at once since a provider asked for patience; undefined where none did lately. */
  readonly slowedTo: number | undefined;
}

/** The pace grows again without a word, so what was said of it holds for a while. */
const slowedShownMs = 10_000;

/** A line on a terminal, redrawn several times a second, also while nothing happens. Nothing elsewhere. */
export function createWalkProgress(
  screen: NodeJS.WriteStream,
  { shown, name, total }: { readonly shown: boolean; readonly name: string; readonly total: number | undefined },
): WalkProgress {
  if (!shown || !screen.isTTY) return { onProgress: () => {}, stop: () => {} };
  const started = performance.now();
  let books: (() => Books) | undefined;
  let slowed: { readonly to: number; readonly at: number } | undefined;
  const line = (): string => {
    const now = performance.now();
    const slowedTo = slowed !== undefined && now - slowed.at < slowedShownMs ? slowed.to : undefined;
    const { scanned, classes } = books?.() ?? { scanned: 0, classes: undefined };
    return walkLine({ name, done: scanned, total, seconds: (now - started) / 1000, classes, slowedTo }, widthOf(screen) - 1);
  };
  const bar = new SingleBar({ stream: screen, format: line, clearOnComplete: true, fps: 5, hideCursor: null, linewrap: true });
  bar.start(total ?? 0, 0);
  return {
    onProgress(event) {
      if (event.type === "pace") slowed = { to: event.concurrency, at: performance.now() };
      else books = event.books;
    },
    stop: () => bar.stop(),
  };
}

/** Some terminals do not tell theirs, or tell 0. */
function widthOf({ columns }: NodeJS.WriteStream): number {
  return columns > 0 ? columns : 80;
}

const barWidth = 20;

export function walkLine({ name, done, total, seconds, classes, slowedTo }: WalkState, columns: number): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [
    total === undefined ? counted(done) : `${counted(done)} of ${counted(Math.max(done, total))}`,
    `${counted(Math.round(rate))}/s`,
  ];
  if (total !== undefined && rate > 0) parts.push(`${timeSpan(Math.max(0, total - done) / rate)} left`);
  const ends = (Object.entries(classes ?? {}) as [OutcomeClass, number][]).filter(([, count]) => count > 0);
  if (ends.length > 0) parts.push(ends.map(([one, count]) => `${counted(count)} ${one}`).join(", "));
  if (slowedTo !== undefined) parts.push(`slowed to ${slowedTo} at once`);
  return `${printable(name)} ${total === undefined ? "" : bar(done, total)}${parts.join("  ")}`.slice(0, columns);
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? barWidth : Math.min(barWidth, Math.floor((done / total) * barWidth));
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] `;
}
