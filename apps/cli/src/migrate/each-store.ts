import { errorReport } from "../error-report.ts";
import type { ExitStatus } from "../exit-status.ts";
import type { ReportedStore } from "../migrate-report/migration-report.ts";
import { printable } from "../terminal/printable.ts";
import { countedOf } from "./counted.ts";
import { keyPlaces } from "./key-places.ts";
import type { MigrateStep } from "./migrate-options.ts";
import type { MigrationSession, StoreMigration } from "./migration-session.ts";
import { type PlannedTotal, totalLines } from "./planned-total.ts";
import { wordsOfStore } from "./store-keks.ts";
import { storePlace } from "./store-place.ts";
import { combined } from "./verdict.ts";
import { writtenReport } from "./written-report.ts";

/** What a step says of one store. */
export interface StoreEnd {
  readonly lines: readonly string[];
  /** The whole of it, for machines. */
  readonly fields: object;
  /** Why what was asked for is not true; undefined where it is. */
  readonly trouble: unknown;
  /** The whole of it, for a report. */
  readonly reported: Pick<ReportedStore, "step" | "seconds" | "books" | "exceptions" | "verified" | "plan" | "estimate" | "later">;
}

/** One store after the other; what one of them has to say is said before the next. Ends with the status of all of them together. */
export async function eachStore(
  session: MigrationSession,
  step: MigrateStep,
  work: (one: StoreMigration) => Promise<StoreEnd>,
  total: () => PlannedTotal | undefined = () => undefined,
): Promise<ExitStatus> {
  const { stores, report, signal } = session;
  const [began, beganMs] = [new Date(), performance.now()];
  const ends: { readonly one: StoreMigration; readonly end: StoreEnd; readonly status: ExitStatus }[] = [];
  for (const one of stores) {
    if (signal.aborted) break;
    const end = await work(one);
    const { lines, fields, trouble } = end;
    const line = { step, store: one.name, description: one.description, ok: trouble === undefined, ...fields };
    report.result(lines.join("\n"), line, lines.length === 0 ? "machines" : undefined);
    ends.push({ one, end, status: trouble === undefined ? 0 : report.failed(trouble, one.name) });
  }
  const statuses = ends.map(({ status }) => status);
  const inTrouble = ends.filter(({ status }) => status !== 0).map(({ one }) => one.name);
  const notLookedAt = stores.slice(ends.length).map(({ name }) => name);
  // The interrupt came between two stores, so that none of them has said it.
  if (notLookedAt.length > 0 && !statuses.includes(130)) statuses.push(report.failed(signal.reason));
  const walked = combined(statuses);
  const reported = session.reportPath === undefined ? [] : ends.map(({ one, end }) => reportedStore(one, end, session));
  const planned = total();
  const seconds = (performance.now() - beganMs) / 1000;
  const whole = { step, began: began.toISOString(), seconds, exitStatus: walked, stores: reported, notLookedAt, total: planned };
  const written = await writtenReport(session, whole);
  const exitStatus = walked === 0 ? written : walked;
  const summary = {
    step,
    stores: stores.length,
    ok: exitStatus === 0,
    inTrouble,
    notLookedAt,
    ...(planned && { total: planned }),
    exitStatus,
  };
  const line = summaryLine(stores.length, inTrouble, notLookedAt, written === 0 ? [] : ["the report was not written"]);
  report.result(
    [line, ...(planned === undefined ? [] : totalLines(planned))].join("\n"),
    summary,
    stores.length > 1 ? undefined : "machines",
  );
  return exitStatus;
}

function summaryLine(stores: number, inTrouble: readonly string[], notLookedAt: readonly string[], more: readonly string[]): string {
  const parts = [
    ...(inTrouble.length === 0 ? [] : [`not ok: ${inTrouble.map(printable).join(", ")}`]),
    ...(notLookedAt.length === 0 ? [] : [`not looked at: ${notLookedAt.map(printable).join(", ")}`]),
    ...more,
  ];
  return `${countedOf(stores, "store")}: ${parts.length === 0 ? "all ok" : parts.join("; ")}`;
}

function reportedStore(
  { name, description, migration }: StoreMigration,
  { trouble, reported }: StoreEnd,
  { options, configuration }: MigrationSession,
): ReportedStore {
  const said = trouble === undefined ? undefined : errorReport(trouble).message;
  const entry = configuration.stores[name];
  const place = entry && storePlace(entry, configuration.folder);
  const words = wordsOfStore(entry, options, configuration);
  const to = keyPlaces(migration.to, words.to, configuration);
  // Those of the target open too, where nobody else is named.
  const from = keyPlaces(migration.from, words.from.length === 0 ? words.to : words.from, configuration);
  return { name, description, place, from, to, trouble: said, ...reported };
}
