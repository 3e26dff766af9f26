import { openStream } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import type { Chunks } from "../files/input-chunks.ts";
import type { Input } from "../files/inputs.ts";
import { planOutputs } from "../files/output-plan.ts";
import { parseRange, rangeChunks } from "../plaintext-range.ts";
import { requireEnvelope, sealedSource } from "../sealed-source.ts";
import { type CommandOptions, forEachObject, isSealedName, openSession, type Session, sealedSuffix, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { writeOutput } from "../write-output.ts";

type From = Awaited<ReturnType<Session["keks"]>>["from"];

export async function decrypt(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, inputs } = session;
  const range = options.range === undefined ? undefined : parseRange(options.range, inputs, options.text === true);
  const out = options.out ?? (range === undefined ? undefined : "-");
  const plan = await planOutputs(inputs, out, stripSuffix);
  if (plan.some(({ output }) => output === "-")) report.dataOnStdout();
  const { from } = await session.keks({ opens: true, seals: false });
  return forEachObject(report, plan, async ({ input, output }) => {
    const chunks = await opened(session, input, from, range);
    const bytes = await writeOutput(chunks, output, { force: options.force, explicit: options.out === "-", mode: 0o600 });
    if (output !== "-" || options.json === true)
      report.result(`${printable(input.path)} -> ${printable(output)}`, { input: input.path, output, bytes });
  });
}

async function opened(
  { options, report, configuration }: Session,
  input: Input,
  from: From,
  range: ReturnType<typeof parseRange> | undefined,
): Promise<Chunks> {
  const source = await sealedSource(input, options, range === undefined ? report.progress.add : () => {});
  try {
    const { header } = requireEnvelope(source);
    const opening = {
      context: expectedContext(options, configuration.context, header),
      aad: options.aad,
      onFailedAttempt: warnOfAttempts(report, input),
    };
    if (range === undefined) return openStream(source.whole(), from, opening);
    return await rangeChunks(input, from, range, opening);
  } catch (error) {
    await source.close();
    throw error;
  }
}

function stripSuffix(name: string): string {
  if (isSealedName(name) && name.length > sealedSuffix.length) return name.slice(0, -sealedSuffix.length);
  throw usage(`${name} does not end in ${sealedSuffix}: say where the plaintext goes with -o PATH`);
}
