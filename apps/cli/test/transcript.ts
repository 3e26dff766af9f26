/**
 * A transcript reads as documentation and runs as a test:
 *
 *   # prose
 *   $ a command, run by sh
 *   what it prints on standard output
 *   ! what it prints on standard error
 *   ? its exit status, where that is not 0
 *
 * `<keyid>` stands for a key id, `<hex>` for hex digits, `<n>` for digits, and `<...>` for anything in a line. Every other character is meant.
 */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly status: number;
}

export function parseTranscript(text: string): readonly Step[] {
  const steps: { line: number; command: string; stdout: string[]; stderr: string[]; status: number }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const step = steps.at(-1);
    if (line.startsWith("$ ")) steps.push({ line: index + 1, command: line.slice(2), stdout: [], stderr: [], status: 0 });
    else if (line === "" || line === "#" || line.startsWith("# ")) continue;
    else if (step === undefined) throw new Error(`line ${index + 1}: output before the first command`);
    else if (line.startsWith("! ")) step.stderr.push(line.slice(2));
    else if (line.startsWith("? ")) step.status = statusOf(line, index);
    else step.stdout.push(line);
  }
  if (steps.length === 0) throw new Error("a transcript without commands proves nothing");
  return steps;
}

/** What differs, or undefined. */
export function difference(
  step: Step,
  ran: { readonly status: number | null; readonly stdout: string; readonly stderr: string },
): string | undefined {
  const parts = [
    ran.status === step.status ? undefined : `exit status ${ran.status}, not ${step.status}`,
    matches(step.stdout, ran.stdout) ? undefined : `standard output:\n${ran.stdout}\nnot:\n${step.stdout.join("\n")}`,
    matches(step.stderr, ran.stderr) ? undefined : `standard error:\n${ran.stderr}\nnot:\n${step.stderr.join("\n")}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `line ${step.line}: $ ${step.command}\n${parts.join("\n")}`;
}

function statusOf(line: string, index: number): number {
  if (!/^\? \d{1,3}$/.test(line)) throw new Error(`line ${index + 1}: "?" needs an exit status`);
  return Number(line.slice(2));
}

const placeholders: Readonly<Record<string, string>> = {
  "<keyid>": "[A-Za-z0-9_-]{43}",
  "<hex>": "[0-9a-f]+",
  "<n>": "[0-9]+",
  "<...>": ".*",
};

/** Blank lines of the output do not count: in a transcript they are for the reader. */
function matches(expected: readonly string[], text: string): boolean {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.length === expected.length && expected.every((line, index) => pattern(line).test(lines[index] ?? ""));
}

function pattern(line: string): RegExp {
  const parts = line
    .split(/(<keyid>|<hex>|<n>|<\.\.\.>)/)
    .map((part) => placeholders[part] ?? part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`^${parts.join("")}$`);
}
