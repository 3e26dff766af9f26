import type { Plan } from "@letterlock/migrate";
import { printable } from "../terminal/printable.ts";
import { booksLine, exceptionLines, field } from "./books-text.ts";
import { counted, countedOf } from "./counted.ts";
import { statedText } from "./estimate-text.ts";
import type { StatedEstimate } from "./stated-estimate.ts";

const shownNested = 10;

type Looked = Omit<Plan, "estimate" | "later">;

/** `later`: what the steps after the run ask for. */
export function planLines(
  name: string,
  plan: Looked,
  estimate: StatedEstimate,
  later: { readonly verify: StatedEstimate; readonly finish: StatedEstimate },
): readonly string[] {
  return [
    `${printable(name)}: ${booksLine(plan.books, "plan", plan)}`,
    ...typeLines(plan),
    ...recipientLines(plan),
    ...contextLines(plan),
    ...targetLines(plan),
    ...estimateLines(estimate),
    ...laterLines("verify", later.verify),
    ...laterLines("finish", later.finish),
    ...probeLines(plan),
    ...nestedLines(plan),
    ...(plan.books.exceptions.length === 0 ? [] : ["  will not migrate", ...exceptionLines(plan.books).map((line) => `  ${line}`)]),
  ];
}

function typeLines({ census: { types } }: Looked): readonly string[] {
  const names = { envelope: "envelope", "key-blob": "key blob", record: "record" } as const;
  const there = (Object.keys(names) as (keyof typeof names)[]).filter((type) => types[type] > 0);
  if (there.length === 0) return [];
  const records = types.record > 0 ? ["records open with their key blob and stay as they are"] : [];
  return [field("types", [...there.map((type) => countedOf(types[type], names[type])), ...records].join(", "))];
}

function recipientLines({ census: { recipients } }: Looked): readonly string[] {
  return recipients.map(({ provider, keyRef, keyVersion, count }) => {
    const version = keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`;
    return field("sealed for", `${provider} ${printable(keyRef)}${version}: ${counted(count)}`);
  });
}

function contextLines({ census: { contextKeys } }: Looked): readonly string[] {
  const keys = Object.entries(contextKeys).sort(([, a], [, b]) => b - a);
  return keys.length === 0 ? [] : [field("context keys", keys.map(([key, count]) => `${printable(key)}: ${counted(count)}`).join(", "))];
}

function targetLines({ onTarget, notOnTarget, notOpenable, othersStay, books }: Looked): readonly string[] {
  const finishes = books.classes.migrated > notOnTarget ? ": `migrate finish` takes the old ones away" : "";
  return [
    ...(onTarget > 0 ? [field("on target", `${countedOf(onTarget, "object")} with every recipient of the target already${finishes}`)] : []),
    // Where nothing is on the target, that is every object.
    ...(onTarget > 0 && notOnTarget > 0
      ? [
          field(
            "not on target",
            `${countedOf(notOnTarget, "object")}: if a run has been here, something still seals for the old keys alone`,
          ),
        ]
      : []),
    ...(notOpenable > 0
      ? [field("not openable", `${countedOf(notOpenable, "object")}, whose keys are neither in --from nor in --to`)]
      : []),
    ...(othersStay > 0 ? [field("stay", `${countedOf(othersStay, "recipient")} of others, who are no part of this`)] : []),
  ];
}

function estimateLines(estimate: StatedEstimate): readonly string[] {
  const made = callTexts(estimate);
  const stated = statedText(estimate);
  return [...made.map((text) => field("calls", text)), ...(stated === "" || made.length === 0 ? [] : [field("takes", stated)])];
}

/** A step after the run, in one line. */
function laterLines(step: "verify" | "finish", estimate: StatedEstimate): readonly string[] {
  const made = callTexts(estimate);
  const stated = statedText(estimate);
  return made.length === 0 ? [] : [field(`${step} then`, `${made.join("; ")}${stated === "" ? "" : `; ${stated}`}`)];
}

function callTexts({ calls }: StatedEstimate): readonly string[] {
  return calls
    .filter(({ wrap, unwrap }) => wrap + unwrap > 0)
    .map(({ provider, keyRef, wrap, unwrap }) => {
      const what = [...(wrap > 0 ? [`${counted(wrap)} wrap`] : []), ...(unwrap > 0 ? [`${counted(unwrap)} unwrap`] : [])];
      return `${provider} ${printable(keyRef)}: ${what.join(", ")}`;
    });
}

function probeLines({ probes }: Looked): readonly string[] {
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

function nestedLines({ nested: { count, first } }: Looked): readonly string[] {
  if (count === 0) return [];
  const shown = first.slice(0, shownNested).map(({ id, layers, at, type }) => {
    const base64 = layers === 0 ? "" : `, in ${countedOf(layers, "layer")} of base64`;
    return `    ${printable(id)}: ${type} at ${counted(at)}${base64}`;
  });
  const more = count > shown.length ? [`    and ${counted(count - shown.length)} more`] : [];
  return [field("nested", `${countedOf(count, "object")} inside of other things, which will not migrate`), ...shown, ...more];
}
