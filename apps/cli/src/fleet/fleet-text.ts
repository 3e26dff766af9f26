import type { FleetEvent, FleetStatus, RunStatus, StoreStatus } from "@letterlock/migrate/bullmq";
import { booksLine, exceptionLines } from "../migrate/books-text.ts";
import { counted, countedOf } from "../migrate/counted.ts";
import { printable } from "../terminal/printable.ts";

/** A run, its stores and what keeps it back. */
export function runLines({ run, operation, stores, books, isComplete, ok }: RunStatus): readonly string[] {
  const end = isComplete ? (ok ? "complete" : "complete, and not ok") : "under way";
  return [
    `${operation} ${printable(run)}: ${end}`,
    ...stores.flatMap((store) => storeLines(store)),
    ...(books.scanned === 0 ? [] : [`  ${booksLine(books, operation)}`, ...exceptionLines(books).map((line) => `  ${line}`)]),
  ];
}

function storeLines({
  store,
  isCut,
  partitions,
  done,
  active,
  waiting,
  failed,
  missing,
  refused,
  troubles,
}: StoreStatus): readonly string[] {
  const parts = [
    [active, "under way"],
    [waiting, "waiting"],
    [failed, "to be tried again"],
    [missing, "not queued: enqueue the run again"],
    [refused, "refused: not clean any more"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${counted(count)} ${what}`);
  if (!isCut) return [`  ${printable(store)}: not queued: enqueue the run again`];
  return [
    `  ${printable(store)}: ${[`${counted(done)} of ${countedOf(partitions, "partition")} done`, ...said].join(", ")}`,
    ...troubles.map(({ index, attempts, reason }) => `    partition ${index}, tried ${countedOf(attempts, "time")}: ${printable(reason)}`),
  ];
}

/** What Redis should not be set to; undefined where it is not. */
export function evictionWarning({ evicts }: Pick<FleetStatus, "evicts">): string | undefined {
  if (evicts === undefined) return undefined;
  return `this Redis takes keys away when it is full (maxmemory-policy ${printable(evicts)}), and could lose partitions and books: set noeviction`;
}

export function workerLines({ workers, isPaused }: FleetStatus): readonly string[] {
  return [
    ...(isPaused ? ["the fleet is paused"] : []),
    ...(workers.length === 0 ? ["no workers"] : []),
    ...workers.map(({ name, state, partitions, perSecond, silentMs, lacks }) => {
      const what = partitions.map(({ store, index, scanned }) => `${printable(store)} ${index} (${countedOf(scanned, "object")})`);
      const parts = [
        `${state}${what.length === 0 ? "" : ` on ${what.join(", ")}`}`,
        ...(perSecond > 0 ? [`${counted(perSecond)}/s`] : []),
        `last sign of life ${(silentMs / 1000).toFixed(1)} s ago`,
        ...(lacks.length === 0 ? [] : [`lacks ${lacks.map(printable).join(", ")}`]),
      ];
      return `worker ${printable(name)}: ${parts.join("; ")}`;
    }),
  ];
}

/** What a worker says while it works; undefined for what only machines want to know. */
export function eventLine(event: FleetEvent): string | undefined {
  switch (event.type) {
    case "entered":
      return `${printable(event.store)} ${event.index}: ${booksLine(event.entry.books, "run")}`;
    case "handed-back":
    case "cancelled":
      return `${printable(event.store)} ${event.index}: ${event.type === "cancelled" ? "the run was cancelled" : "handed back"}`;
    case "paused":
    case "resumed":
    case "draining":
      return event.type;
    default:
      return undefined;
  }
}

/** What an operator must hear of even where nobody asked. */
export function eventWarning(event: FleetEvent): string | undefined {
  switch (event.type) {
    case "failed":
      return `${printable(event.store)} ${event.index}: ${printable(event.reason)}; it is tried again`;
    case "lost":
      return `${printable(event.store)} ${event.index}: another worker has it: this one gave no sign for too long`;
    case "lacks":
      return `partitions of ${printable(event.store)} wait, and this configuration does not have that store: others must do them`;
    case "clock": {
      const seconds = (Math.abs(event.aheadMs) / 1000).toFixed(0);
      const side = event.aheadMs > 0 ? "before" : "behind";
      return `the clock of this machine is ${seconds} s ${side} that of the queue: partitions that must be tried again may wait that much longer; set it`;
    }
    case "trouble":
      return `the queue is in trouble, and the worker waits: ${printable(event.reason)}`;
    default:
      return undefined;
  }
}
