import type { ExitStatus } from "../exit-status.ts";
import { printable } from "../terminal/printable.ts";
import { countedOf } from "./counted.ts";
import type { MigrateStep } from "./migrate-options.ts";
import type { MigrationSession, StoreMigration } from "./migration-session.ts";
import { combined } from "./verdict.ts";

/** What a step says of one store. */
export interface StoreEnd {
  readonly lines: readonly string[];
  /** The whole of it, for machines. */
  readonly fields: object;
  /** Why what was asked for is not true; undefined where it is. */
  readonly trouble: unknown;
}

/** One store after the other; what one of them has to say is said before the next. Ends with the status of all of them together. */
export async function eachStore(
  { stores, report, signal }: MigrationSession,
  step: MigrateStep,
  work: (one: StoreMigration) => Promise<StoreEnd>,
): Promise<ExitStatus> {
  const statuses = new Map<string, ExitStatus>();
  for (const one of stores) {
    if (signal.aborted) break;
    const { lines, fields, trouble } = await work(one);
    report.result(lines.join("\n"), { step, store: one.name, description: one.description, ok: trouble === undefined, ...fields });
    statuses.set(one.name, trouble === undefined ? 0 : report.failed(trouble, one.name));
  }
  const exitStatus = combined([...statuses.values()]);
  const inTrouble = [...statuses].filter(([, status]) => status !== 0).map(([name]) => name);
  const left = stores.slice(statuses.size).map(({ name }) => name);
  const summary = { step, stores: stores.length, ok: exitStatus === 0, inTrouble, notLookedAt: left, exitStatus };
  report.result(summaryLine(stores.length, inTrouble, left), summary, stores.length > 1 ? undefined : "machines");
  return exitStatus;
}

function summaryLine(stores: number, inTrouble: readonly string[], left: readonly string[]): string {
  const parts = [
    ...(inTrouble.length === 0 ? [] : [`not ok: ${inTrouble.map(printable).join(", ")}`]),
    ...(left.length === 0 ? [] : [`not looked at: ${left.map(printable).join(", ")}`]),
  ];
  return `${countedOf(stores, "store")}: ${parts.length === 0 ? "all ok" : parts.join("; ")}`;
}
