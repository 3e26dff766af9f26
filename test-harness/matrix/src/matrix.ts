import { type KekReport, runKek } from "@letterlock/conformance";
import { everyOutage, everyPair, type OutageResult, type PairedKek, type PairResult } from "./pairs.ts";
import type { Target } from "./target.ts";

export interface Cell extends Pick<KekReport, "results" | "passed" | "unproven" | "failed" | "stale"> {
  readonly adapter: string;
  readonly server: string;
}

/** A server that did not run here, and why. */
export interface Absent {
  readonly adapter: string;
  readonly server: string;
  readonly reason: string;
}

export interface Matrix {
  readonly cells: readonly Cell[];
  readonly pairs: readonly PairResult[];
  readonly outages: readonly OutageResult[];
  readonly absent: readonly Absent[];
}

/** Every case on every target, one target at a time, and then every pair of those that can be paired. */
export async function runMatrix(targets: readonly Target[], absent: readonly Absent[], onCell: (cell: Cell) => void): Promise<Matrix> {
  await using running = new AsyncDisposableStack();
  const cells: Cell[] = [];
  const paired: PairedKek[] = [];
  for (const { adapter, server, start } of targets) {
    const target = running.use(await start());
    const cell = { adapter, server, ...(await runKek(target.subject, { manifest: target.manifest })) };
    cells.push(cell);
    onCell(cell);
    if (target.paired !== undefined) paired.push({ provider: adapter, server, ...target.paired });
  }
  return { cells, pairs: await everyPair(paired), outages: await everyOutage(paired), absent };
}

/** Nothing failed, and no manifest lists what the server can judge. */
export function isClean({ cells, pairs, outages }: Matrix): boolean {
  return cells.every(({ failed, stale }) => failed + stale === 0) && [...pairs, ...outages].every(({ error }) => error === undefined);
}
