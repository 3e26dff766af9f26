import type { Books } from "@letterlock/migrate";
import { Eta } from "eta";
import { type WordedCount, wordedCounts } from "../migrate/class-words.ts";
import { byteSize, counted, countedOf, timeSpan } from "../migrate/counted.ts";
import { statedText } from "../migrate/estimate-text.ts";
import { printable } from "../terminal/printable.ts";
import { meaningOf } from "./class-meanings.ts";
import type { MigrationReport, ReportedStore } from "./migration-report.ts";
import { notProven } from "./not-proven.ts";
import { reportPage } from "./report-page.ts";
import { reportTables } from "./report-tables.ts";
import { reportVerdict } from "./report-verdict.ts";
import { sumOf } from "./sum-rule.ts";

/** One page that stands alone, for people who decide about a migration. Ids, reasons and names are anybody's text, and shown as text. */
export function reportHtml(report: MigrationReport): string {
  const view = {
    title: titles[report.step],
    verdict: reportVerdict(report),
    asked: asked(report),
    stores: report.stores.map((store) => storeView(store, report)),
    notProven: notProven(report),
    footer: `Written by letterlock ${report.version}. It holds no key and no plaintext; ids, reasons and names are those of your objects and keys.`,
  };
  return new Eta({ autoEscape: true }).renderString(reportPage, readable(view) as typeof view);
}

const titles: Readonly<Record<MigrationReport["step"], string>> = {
  plan: "Migration: the plan",
  run: "Migration: the run",
  verify: "Migration: verified with the new keys alone",
  finish: "Migration: the old recipients taken away",
};

type Pairs = readonly (readonly [string, string])[];

function asked(report: MigrationReport): Pairs {
  const { step, began, ended, seconds, host, options, accepted, stores, notLookedAt, configuration } = report;
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  const keys = (list: "from" | "to"): string => [...new Set(stores.flatMap((store) => store[list]))].join("; ");
  const scanned = stores.reduce((sum, { books }) => sum + (books?.scanned ?? 0), 0);
  return [
    ["command", `letterlock migrate ${step}`],
    ...(configuration === undefined ? [] : [["configuration", configuration] as const]),
    ["stores", [...stores.map(({ name }) => name), ...notLookedAt].join(", ")],
    ["from the keys", keys("from") || "none named"],
    ["to the keys", keys("to")],
    ["options", given.map(([name, value]) => (value === true ? name : `${name}: ${JSON.stringify(value)}`)).join("; ") || "none"],
    ["accepted classes", accepted.join(", ") || "none"],
    ["began", `${began} (by the clock of ${host})`],
    ["ended", ended],
    ["took", timeSpan(seconds)],
    ["objects looked at", counted(scanned)],
    ...totalPairs(report),
  ];
}

function totalPairs({ stores, total }: MigrationReport): Pairs {
  if (total === undefined) return [];
  const of = stores.length === 1 ? "" : " of all stores";
  return (["run", "verify", "finish"] as const).flatMap((step) => {
    const text = statedText(total[step]);
    return text === "" ? [] : [[`a ${step}${of} takes`, text] as const];
  });
}

function storeView(store: ReportedStore, { step: asked, accepted }: MigrationReport) {
  const { step = asked } = store;
  const { name, description, place, from, to, seconds, trouble, books, verified, plan } = store;
  const words = books && wordedCounts(books, step, { notOnTarget: plan?.notOnTarget, notMigrated: verified?.notMigrated });
  const sum = books && sumOf(books, words);
  const about: Pairs = [
    ["what it is", description],
    ...(place === undefined ? [] : [["where it is", place] as const]),
    ["from the keys", from.join("; ") || "none named"],
    ["to the keys", to.join("; ")],
    ["took", timeSpan(seconds)],
    ...(books === undefined ? [] : [["size of what was looked at", byteSize(books.bytes)] as const]),
    ...(books === undefined || books.unverified === 0
      ? []
      : [["migrated and not opened yet", countedOf(books.unverified, "object")] as const]),
    ...verifiedPairs(verified),
    ...plannedPairs(plan),
  ];
  return {
    ...{ name, trouble, about, tables: reportTables(store), sum: sum && counted(sum.sum), sumText: sum?.text },
    classes: books && words?.map((one) => classRow(one, books, step, accepted.includes(one.class))),
  };
}

function verifiedPairs(verified: ReportedStore["verified"]): Pairs {
  if (verified === undefined) return [];
  return [
    ["without a recipient of the target", countedOf(verified.notMigrated, "object")],
    ["that an old key opened too, when they were verified", countedOf(verified.withOldRecipients, "object")],
    ["records, which open with their key blob", counted(verified.records)],
  ];
}

function plannedPairs(plan: ReportedStore["plan"]): Pairs {
  if (plan === undefined) return [];
  return [
    ["with every recipient of the target already", countedOf(plan.onTarget, "object")],
    ["that can be moved and lack one", countedOf(plan.notOnTarget, "object")],
    ["whose keys are neither old nor new ones", countedOf(plan.notOpenable, "object")],
    ["recipients of others, which stay", counted(plan.othersStay)],
  ];
}

function classRow(one: WordedCount, { unverified }: Books, step: MigrationReport["step"], isAccepted: boolean) {
  const { word, count } = one;
  const { meaning, advice } = meaningOf(one, step, unverified > 0);
  return {
    name: word,
    count: counted(count),
    meaning,
    advice: count === 0 ? "" : isAccepted ? "Nothing: it was accepted beforehand." : advice,
  };
}

/** Control and bidirectional characters become escapes in every text of a view, so that none of them looks like another. */
function readable(view: unknown): unknown {
  if (typeof view === "string") return printable(view);
  if (Array.isArray(view)) return view.map(readable);
  if (typeof view !== "object" || view === null) return view;
  return Object.fromEntries(Object.entries(view).map(([name, value]) => [name, readable(value)]));
}
