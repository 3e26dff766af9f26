import { type Context, type HeaderInfo, openStream, sealStream } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext, givenContext } from "../expected-context.ts";
import { chain } from "../files/input-chunks.ts";
import { rewriteInPlace } from "../rewrite-in-place.ts";
import { requireEnvelope, sealedSource } from "../sealed-source.ts";
import { type CommandOptions, forEachObject, isSealedName, openSession, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";

/** A new data key, and the payload sealed again as a stream: what core's `rekey` does in memory. Context, detached keys, suite and aad stay. */
export async function rekey(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, configuration, inputs } = session;
  if (inputs.list.some(({ path }) => path === "-")) report.dataOnStdout();
  const { from, to } = await session.keks({ opens: true, seals: true });
  const items = inputs.list.map((input) => ({ input }));
  return forEachObject(report, items, async ({ input }) => {
    const source = await sealedSource(input, options, report.progress.add);
    try {
      const { header } = requireEnvelope(source);
      const { aad } = options;
      const context = expectedContext(options, configuration.context, header);
      const plaintext = openStream(source.whole(), from, { context, aad, onFailedAttempt: warnOfAttempts(report, input) });
      // The header is opened, and so its context compared, before a KEK is asked to wrap anything.
      const first = await plaintext.next();
      const sealed = sealStream(chain(first.done === true ? [] : [first.value], plaintext), to, {
        context: fullContext(header, givenContext(options, configuration.context)),
        detached: header.detached,
        suite: header.suite,
        aad,
      });
      const bytes = await rewriteInPlace(input, sealed, options);
      report.result(`${printable(input.path)}: has a new data key`, { input: input.path, bytes });
    } finally {
      await source.close();
    }
  });
}

function fullContext(header: HeaderInfo, given: Context): Context {
  const detached = header.detached.flatMap((key) => (Object.hasOwn(given, key) ? [[key, given[key] ?? ""] as const] : []));
  return Object.fromEntries([...Object.entries(header.context), ...detached]);
}
