import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createKeyring, memoryKeyStore } from "@letterlock/keyring";
import { sealAtLeast } from "@letterlock/resilience";
import { type DataPoint, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { degradedSeals, traced, tracedKeyring } from "../src/index.ts";
import { collecting } from "./support/collected.ts";
import { ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const file = join(import.meta.dirname, "..", "grafana", "letterlock.json");
const dashboard = JSON.parse(readFileSync(file, "utf8")) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const questions = [...expressions, ...dashboard.templating.list.flatMap(({ definition = "" }) => definition)];

/** The labels of each series, as Prometheus gets them. */
const series = new Map<string, ReadonlySet<string>>();
const measured = new Set<string>();
const stack = new DisposableStack();
afterAll(() => stack.dispose());

beforeAll(async () => {
  const collected = collecting();
  const { kek, script } = scriptedKek("a");
  const ring = tracedKeyring(
    createKeyring({
      keks: [traced(kek, collected.options)],
      store: memoryKeyStore(),
      policy: { memory: { maxAgeMs: 60_000, maxKeys: 5 } },
    }),
    collected.options,
  );
  stack.use(ring);
  const message = new TextEncoder().encode("message");
  const call = { context: { tenant: "acme" }, aad: "" };
  script.push(new ScriptedError("unavailable"));
  await ring.seal(message, call).catch(() => undefined);
  await ring.seal(message, call);
  script.push(new ScriptedError("unavailable"));
  await sealAtLeast(1, message, [kek, scriptedKek("b").kek], { onDegraded: degradedSeals({ meter: collected.options.meter }) });
  for (const metric of await collected.metrics()) {
    measured.add(metric.descriptor.name);
    const labels = new Set(
      (metric.dataPoints as readonly DataPoint<unknown>[]).flatMap(({ attributes }) => Object.keys(attributes).map(underscored)),
    );
    for (const name of prometheusNames(metric)) series.set(name, new Set(name.endsWith("_bucket") ? [...labels, "le"] : labels));
  }
});

describe("the dashboard", () => {
  test("asks for series that are exported, by labels that they have", () => {
    expect(questions.length).toBeGreaterThan(10);
    for (const question of questions) expect(problems(question)).toEqual([]);
  });

  test("shows every metric", () => {
    expect([...measured].filter((metric) => !expressions.some((expr) => expr.includes(underscored(metric))))).toEqual([]);
    expect(measured.size).toBe(9);
  });

  test("uses only its own variables, and each of them", () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const text = JSON.stringify(dashboard.panels);
    const used = new Set([...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(names.toSorted());
  });

  test("names in a legend only what the series is split by", () => {
    for (const { targets = [] } of panels) {
      for (const { expr, legendFormat } of targets) {
        const by = new Set([...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/)));
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(by).toContain(label);
      }
    }
  });

  test("has panels that do not cover each other", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(" ")[0]) < 24)).toBe(true);
  });

  test("would notice a wrong name", () => {
    expect(problems("sum(rate(letterlock_kek_call_total[1m]))")).toHaveLength(1);
    expect(problems('letterlock_keyring_keys{letterlock_provider="a"}')).toHaveLength(1);
    expect(problems("sum by (letterlock_tenant) (letterlock_keyring_keys)")).toHaveLength(1);
  });
});

/** What a question asks for that is not there. */
function problems(question: string): string[] {
  const split = [...question.matchAll(/\b(?:by|ignoring) \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
  const bare = question.replace(/\b(?:by|ignoring) \([^)]*\)/g, "").replace(/^label_values\((\w+), (\w+)\)$/, '$1{$2=""}');
  return [...bare.matchAll(/(letterlock_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = "", selector = ""]) => {
    const labels = series.get(name);
    if (labels === undefined) return [`no series ${name}`];
    const wanted = [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = ""]) => label);
    return [...wanted, ...split].filter((label) => !labels.has(label)).map((label) => `${name} has no label ${label}`);
  });
}

/** "OpenTelemetry to Prometheus": dots are underscores, the unit is a suffix unless it stands in braces, counters end in _total. */
function prometheusNames({ descriptor: { name, unit }, dataPointType }: MetricData): string[] {
  const base = `${underscored(name)}${unit === "s" ? "_seconds" : ""}`;
  if (dataPointType === DataPointType.HISTOGRAM) return ["_bucket", "_sum", "_count"].map((suffix) => base + suffix);
  return [dataPointType === DataPointType.SUM ? `${base}_total` : base];
}

function underscored(name: string): string {
  return name.replaceAll(".", "_");
}
