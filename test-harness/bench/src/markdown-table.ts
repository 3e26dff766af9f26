import { isMeasured, isMet, type Outcome } from "./row.ts";

export function markdownTable(outcomes: readonly Outcome[]): string {
  return [
    "| what | ours | peer | result | target | met |",
    "|---|---:|---:|---:|---:|---|",
    ...outcomes.map((outcome) => `| ${cells(outcome).join(" | ")} |`),
  ].join("\n");
}

function cells(outcome: Outcome): string[] {
  if (!isMeasured(outcome)) return [outcome.what, "", "", "", "", `not measured: ${outcome.reason}`];
  const { what, ours, peer, result, unit, bound, target } = outcome;
  return [
    what,
    ours,
    peer,
    quantity(result, unit),
    `${bound} ${target}${unit === "x" ? "x" : ` ${unit}`}`,
    isMet(outcome) ? "yes" : "**no**",
  ];
}

function quantity(value: number, unit: string): string {
  if (unit === "x") return `${value.toFixed(2)}x`;
  return unit === "/s" ? `${value.toFixed(0)} /s` : `${value.toFixed(1)} ${unit}`;
}
