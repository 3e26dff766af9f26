import type { Outcome } from "@letterlock/migrate";
import { counted, countedOf } from "../migrate/counted.ts";
import { statedText } from "../migrate/estimate-text.ts";
import type { StatedEstimate } from "../migrate/stated-estimate.ts";
import { badClasses } from "../migrate/verdict.ts";
import type { ReportedStore } from "./migration-report.ts";

/** A table of texts; `name` is its class in HTML. */
export interface ReportTable {
  readonly name: string;
  readonly title: string;
  /** Above it; "" for none. */
  readonly remark: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** More would make a page that no browser likes. The counts are whole in any case. */
const mostExceptions = 2_000;

/** Those that have anything in them. */
export function reportTables(store: ReportedStore): readonly ReportTable[] {
  return [
    exceptionTable(store),
    keyTable(store),
    contextTable(store),
    probeTable(store),
    callTable(store),
    laterTable(store),
    nestedTable(store),
  ].filter(({ rows }) => rows.length > 0);
}

function exceptionTable({ books, exceptions }: ReportedStore): ReportTable {
  const shown: Outcome[] = [];
  for (const outcome of exceptions ?? books?.exceptions ?? []) {
    if (shown.length === mostExceptions) break;
    shown.push(outcome);
  }
  const all = badClasses.reduce((sum, one) => sum + (books?.classes[one] ?? 0), 0);
  const left = all - shown.length;
  return {
    name: "exceptions",
    title: "Exceptions",
    remark: left > 0 ? `The first ${counted(shown.length)} of ${counted(all)}. The counts above are of all of them.` : "",
    head: ["class", "object", "code", "reason"],
    rows: shown.map((one) => [one.class, one.id, one.code ?? "", one.reason ?? ""]),
  };
}

function keyTable({ plan }: ReportedStore): ReportTable {
  const rows = plan?.census.recipients ?? [];
  return {
    name: "keys",
    title: "Keys and versions that objects name",
    remark: "From headers, which nobody authenticates. An object can name several.",
    head: ["provider", "key", "version", "objects"],
    rows: rows.map(({ provider, keyRef, keyVersion, count }) => [provider, keyRef, keyVersion ?? "", counted(count)]),
  };
}

function contextTable({ plan }: ReportedStore): ReportTable {
  const keys = Object.entries(plan?.census.contextKeys ?? {}).sort(([, a], [, b]) => b - a);
  return {
    ...{ name: "context", title: "Context keys", remark: "Values are not shown.", head: ["context key", "objects"] },
    rows: keys.map(([key, count]) => [key, counted(count)]),
  };
}

function probeTable({ plan }: ReportedStore): ReportTable {
  return {
    name: "probes",
    title: "Probes",
    remark: "One real call each: a new key wraps and unwraps data that nobody uses, an old key unwraps what one object holds.",
    head: ["provider", "key", "call", "outcome"],
    rows: (plan?.probes ?? []).map(({ provider, keyRef, operation, ok, code, reason }) => [
      ...[provider, keyRef, operation],
      ok ? "works" : `fails: ${code ?? ""}: ${reason ?? ""}`,
    ]),
  };
}

function callTable({ estimate }: ReportedStore): ReportTable {
  return {
    ...{ name: "calls", title: "Calls that a run makes", remark: statedText(estimate), head: ["provider", "key", "wrap", "unwrap"] },
    rows: madeCalls(estimate).map(({ provider, keyRef, wrap, unwrap }) => [provider, keyRef, counted(wrap), counted(unwrap)]),
  };
}

function laterTable({ later }: ReportedStore): ReportTable {
  const steps = (["verify", "finish"] as const).map((step) => ({ step, estimate: later?.[step] }));
  return {
    ...{ name: "later", title: "Calls of the steps after it", head: ["step", "provider", "key", "unwrap"] },
    remark: steps.flatMap(({ step, estimate }) => (statedText(estimate) === "" ? [] : [`${step}: ${statedText(estimate)}`])).join("; "),
    rows: steps.flatMap(({ step, estimate }) =>
      madeCalls(estimate).map(({ provider, keyRef, unwrap }) => [step, provider, keyRef, counted(unwrap)]),
    ),
  };
}

function madeCalls(estimate: StatedEstimate | undefined): StatedEstimate["calls"] {
  return (estimate?.calls ?? []).filter(({ wrap, unwrap }) => wrap + unwrap > 0);
}

function nestedTable({ plan }: ReportedStore): ReportTable {
  const { count = 0, first = [] } = plan?.nested ?? {};
  return {
    name: "nested",
    title: "Objects inside of other things",
    remark: `${countedOf(count, "object")}; these will not migrate.${count > first.length ? ` The first ${counted(first.length)}:` : ""}`,
    head: ["object", "at byte", "layers of base64", "type", "key id"],
    rows: first.map(({ id, at, layers, type, keyId }) => [id, counted(at), String(layers), type, keyId]),
  };
}
