import { type Kek, openStream } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import type { Chunks } from "../files/input-chunks.ts";
import type { Input } from "../files/inputs.ts";
import { planOutputs } from "../files/output-plan.ts";
import { forEachSealed } from "../for-each-sealed.ts";
import { type PlaintextRange, parseRange, rangeChunks } from "../plaintext-range.ts";
import { requireEnvelope, type SealedSource } from "../sealed-source.ts";
import { type CommandOptions, isSealedName, openSession, type Session, sealedSuffix, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { writeOutput } from "../write-output.ts";

export async function decrypt(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, inputs } = session;
  const roles = { opens: true, seals: false };
  const range = options.range === undefined ? undefined : parseRange(options.range, inputs, options.text === true);
  const out = options.out ?? (range === undefined ? undefined : "-");
  const plan = await planOutputs(inputs, await session.ownFiles(roles), out, stripSuffix);
  if (plan.some(({ output }) => output === "-")) report.dataOnStdout();
  return session.withKeks(roles, ({ from }) =>
    forEachSealed(session, plan, async ({ input, output }, source) => {
      const chunks = await opened(session, { input, source, from, range });
      const bytes = await writeOutput(chunks, output, { force: options.force, explicit: options.out === "-", mode: 0o600 });
      if (output !== "-" || options.json === true)
        report.result(`${printable(input.path)} -> ${printable(output)}`, { input: input.path, output, bytes });
    }),
  );
}

interface Opening {
  readonly input: Input;
  readonly source: SealedSource;
  readonly from: readonly Kek[];
  readonly range: PlaintextRange | undefined;
}

async function opened({ options, report, configuration }: Session, { input, source, from, range }: Opening): Promise<Chunks> {
  const { header } = requireEnvelope(source);
  const opening = {
    context: expectedContext(options, configuration.context, header),
    aad: options.aad,
    onFailedAttempt: warnOfAttempts(report, input),
  };
  return range === undefined ? openStream(source.whole(), from, opening) : rangeChunks(input, from, range, opening);
}

function stripSuffix(name: string): string {
  if (isSealedName(name) && name.length > sealedSuffix.length) return name.slice(0, -sealedSuffix.length);
  throw usage(`${name} does not end in ${sealedSuffix}: say where the plaintext goes with -o PATH`);
}
