import { columns } from "./columns.ts";
import { isClean, type Matrix } from "./matrix.ts";

/** For a terminal and for a log. */
export function textReport(matrix: Matrix): string {
  const { cells, pairs, outages } = matrix;
  const rows = cells.map(({ adapter, server, passed, unproven, failed }) => [adapter, server, `${passed}`, `${unproven}`, `${failed}`]);
  const failures = [
    ...cells.flatMap(({ adapter, server, results }) =>
      results.flatMap(({ id, outcome, explanation, stale, reason }) =>
        outcome === "failed" || stale ? [`${adapter} on ${server}, ${id}: ${explanation ?? reason ?? ""}`] : [],
      ),
    ),
    ...pairs.flatMap(({ from, to, error }) => (error === undefined ? [] : [`from ${from} to ${to}: ${error}`])),
    ...outages.flatMap(({ recipients, down, error }) =>
      error === undefined ? [] : [`${recipients.join(", ")} without ${down}: ${error}`],
    ),
  ];
  return [
    columns([["adapter", "server", "passed", "unproven", "failed"], ...rows]),
    "",
    `${count(pairs)} of ${pairs.length} ordered pairs: sealed under the first, rewrapped to the second, opened with the second, the payload not touched`,
    `${count(outages)} of ${outages.length} times a provider was down: the envelope for three opened through another, and through the one that was down when it was back`,
    ...section("Unproven, and why", unprovenLines(matrix)),
    ...section("Not run here", absentLines(matrix)),
    ...section("Failed", failures),
    "",
    isClean(matrix) ? "Nothing failed." : `${failures.length} failed.`,
  ].join("\n");
}

/** The reason once, and the cases that share it. */
function unprovenLines({ cells }: Matrix): string[] {
  return cells.flatMap(({ adapter, server, results }) => {
    const byReason = new Map<string, string[]>();
    for (const { id, outcome, reason = "" } of results) {
      if (outcome === "unproven") byReason.set(reason, [...(byReason.get(reason) ?? []), id]);
    }
    return [...byReason].map(([reason, ids]) => `${adapter} on ${server}: ${ids.join(", ")}: ${reason}`);
  });
}

function absentLines({ absent }: Matrix): string[] {
  const byReason = Map.groupBy(absent, ({ reason }) => reason);
  return [...byReason].map(
    ([reason, targets]) => `${targets.map(({ adapter, server }) => `${adapter} on ${server}`).join("; ")}: ${reason}`,
  );
}

function count(results: readonly { readonly error: string | undefined }[]): number {
  return results.filter(({ error }) => error === undefined).length;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `* ${line}`)];
}
