import type { Plan } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { booksLine, exceptionLines, field } from "./books-text.ts";
import { counted, countedOf, timeSpan } from "./counted.ts";
import type { StatedEstimate } from "./stated-estimate.ts";

const shownNested = 10;

export function planLines(name: string, plan: Plan, estimate: StatedEstimate): readonly string[] {
  return [
    `${printable(name)}: ${booksLine(plan.books, "plan")}`,
    ...typeLines(plan),
    ...recipientLines(plan),
    ...contextLines(plan),
    ...targetLines(plan),
    ...estimateLines(estimate),
    ...probeLines(plan),
    ...nestedLines(plan),
    ...(plan.books.exceptions.length === 0 ? [] : ["  will not migrate", ...exceptionLines(plan.books).map((line) => `  ${line}`)]),
  ];
}

function typeLines({ census: { types } }: Plan): readonly string[] {
  const names = { envelope: "envelope", "key-blob": "key blob", record: "record" } as const;
  const there = (Object.keys(names) as (keyof typeof names)[]).filter((type) => types[type] > 0);
  if (there.length === 0) return [];
  const records = types.record > 0 ? ["records open with their key blob and stay as they are"] : [];
  return [field("types", [...there.map((type) => countedOf(types[type], names[type])), ...records].join(", "))];
}

function recipientLines({ census: { recipients } }: Plan): readonly string[] {
  return recipients.map(({ provider, keyRef, keyVersion, count }) => {
    const version = keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`;
    return field("sealed for", `${provider} ${printable(keyRef)}${version}: ${counted(count)}`);
  });
}

function contextLines({ census: { contextKeys } }: Plan): readonly string[] {
  const keys = Object.entries(contextKeys).sort(([, a], [, b]) => b - a);
  return keys.length === 0 ? [] : [field("context keys", keys.map(([key, count]) => `${printable(key)}: ${counted(count)}`).join(", "))];
}

function targetLines({ onTarget, notOpenable, othersStay }: Plan): readonly string[] {
  return [
    ...(onTarget > 0 ? [field("on target", `${countedOf(onTarget, "object")} with every recipient of the target already`)] : []),
    ...(notOpenable > 0
      ? [field("not openable", `${countedOf(notOpenable, "object")}, whose keys are neither in --from nor in --to`)]
      : []),
    ...(othersStay > 0 ? [field("stay", `${countedOf(othersStay, "recipient")} of others, who are no part of this`)] : []),
  ];
}

function estimateLines({ calls, seconds, cost }: StatedEstimate): readonly string[] {
  const made = calls.filter(({ wrap, unwrap }) => wrap + unwrap > 0);
  const stated = [
    ...(seconds === undefined ? [] : [`${seconds < 1 ? "" : "at least "}${timeSpan(seconds)} at the stated rates`]),
    ...(cost === undefined ? [] : [`${cost.toFixed(2)} at the stated prices`]),
  ];
  return [
    ...made.map(({ provider, keyRef, wrap, unwrap }) => {
      const what = [...(wrap > 0 ? [`${counted(wrap)} wrap`] : []), ...(unwrap > 0 ? [`${counted(unwrap)} unwrap`] : [])];
      return field("calls", `${provider} ${printable(keyRef)}: ${what.join(", ")}`);
    }),
    ...(stated.length === 0 || made.length === 0 ? [] : [field("takes", stated.join(", "))]),
  ];
}

function probeLines({ probes }: Plan): readonly string[] {
  const keys = Map.groupBy(probes, ({ provider, keyRef }) => `${provider} ${printable(keyRef)}`);
  return [...keys].flatMap(([key, tried]) => {
    const good = tried.filter(({ ok }) => ok).map(({ operation }) => operation);
    const bad = tried.filter(({ ok }) => !ok);
    return [
      ...(good.length === 0 ? [] : [field("probe ok", `${key}: ${good.join(", ")}`)]),
      ...bad.map(({ operation, code, reason }) => field("probe failed", `${key}: ${operation}: ${code}: ${printable(reason ?? "")}`)),
    ];
  });
}

function nestedLines({ nested: { count, first } }: Plan): readonly string[] {
  if (count === 0) return [];
  const shown = first.slice(0, shownNested).map(({ id, layers, at, type }) => {
    const base64 = layers === 0 ? "" : `, in ${countedOf(layers, "layer")} of base64`;
    return `    ${printable(id)}: ${type} at ${counted(at)}${base64}`;
  });
  const more = count > shown.length ? [`    and ${counted(count - shown.length)} more`] : [];
  return [field("nested", `${countedOf(count, "object")} inside of other things, which will not migrate`), ...shown, ...more];
}
