import { sealStream } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { givenContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import { inputChunks, textOf } from "../files/input-chunks.ts";
import { planOutputs } from "../files/output-plan.ts";
import { type CommandOptions, forEachObject, isSealedName, openSession, sealedSuffix } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { writeOutput } from "../write-output.ts";

/** Eight segments, which stay in the processor's cache: core seals whole segments in place. */
const plainChunkBytes = 8 * 65_536;

export async function encrypt(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, (path) => !isSealedName(path));
  const { report, configuration, inputs } = session;
  const roles = { opens: false, seals: true };
  const plan = await planOutputs(inputs, await session.ownFiles(roles), options.out, (name) => name + sealedSuffix);
  const toStdout = plan.some(({ output }) => output === "-");
  if (toStdout) report.dataOnStdout();
  if (toStdout && process.stdout.isTTY && options.out !== "-" && options.force !== true && options.text !== true) {
    throw usage("sealed bytes are binary and would go to the terminal: --text, -o PATH, or `-o -` to write them here all the same");
  }
  const { aad, detached, suite } = options;
  const sealing = { context: givenContext(options, configuration.context), detached, aad, suite };
  return session.withKeks(roles, ({ to }) =>
    forEachObject(report, plan, async ({ input, output }) => {
      const sealed = sealStream(inputChunks(input, { start: 0, chunkBytes: plainChunkBytes, onRead: report.progress.add }), to, sealing);
      const bytes = await writeOutput(options.text === true ? textOf(sealed) : sealed, output, {
        force: options.force,
        explicit: options.out === "-",
        mode: input.mode,
      });
      if (output !== "-" || options.json === true)
        report.result(`${printable(input.path)} -> ${printable(output)}`, { input: input.path, output, bytes });
    }),
  );
}
