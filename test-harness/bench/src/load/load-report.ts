import { cpus } from "node:os";
import type { RingLoad } from "./ring-load.ts";
import type { SideResult } from "./side-by-side.ts";

/** Markdown. */
export function loadReport(loads: readonly RingLoad[], sides: readonly SideResult[]): string {
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()}`;
  return [machine, "", ...loads.flatMap(loadLines), ...sideLines(sides)].join("\n");
}

function loadLines({
  what,
  messages,
  coldMs,
  coldCalls,
  loadMs,
  errors,
  calls,
  throttled,
  failed,
  sealMs,
  openMs,
  memory,
}: RingLoad): string[] {
  const times = ({ p50, p99, worst }: RingLoad["sealMs"]): string => `p50 ${ms(p50)}, p99 ${ms(p99)}, worst ${ms(worst)}`;
  return [
    `## ${what}`,
    "",
    `* ${messages.toLocaleString("en")} messages sealed and as many opened in ${seconds(loadMs)}, after a cold start of ${seconds(coldMs)}`,
    `* errors that reached a caller: ${summary(errors)}`,
    `* provider calls: ${calls}, ${((calls / messages) * 1000).toFixed(2)} for 1,000 messages; ${coldCalls} of them at the cold start, ${throttled} throttled, ${failed} failed`,
    `* seal: ${times(sealMs)}`,
    `* open: ${times(openMs)}`,
    `* memory at 10, 50 and 100 %: ${memory.map(({ residentMiB, heapMiB }) => `${residentMiB.toFixed(0)} MiB resident, ${heapMiB.toFixed(1)} MiB heap`).join("; ")}`,
    "",
  ];
}

function sideLines(sides: readonly SideResult[]): string[] {
  if (sides.length === 0) return [];
  return [
    "## Beside the AWS Encryption SDK, on AWS alone",
    "",
    "| | messages | calls | errors to callers | messages per second | the same, once warm | bytes over the plaintext |",
    "|---|---|---|---|---|---|---|",
    ...sides.map(
      ({ what, messages, calls, errors, perSecond, warmPerSecond, bytesOver }) =>
        `| ${what} | ${messages} | ${calls} | ${summary(errors)} | ${perSecond.toFixed(0)} | ${warmPerSecond.toFixed(0)} | ${bytesOver} |`,
    ),
  ];
}

function summary(errors: readonly string[]): string {
  return errors.length === 0 ? "0" : `${errors.length} (${[...new Set(errors)].join(", ")})`;
}

function ms(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(0)} µs` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`;
}
