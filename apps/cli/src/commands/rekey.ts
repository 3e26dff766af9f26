import { type Context, type HeaderInfo, openStream, sealStream } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext, givenContext } from "../expected-context.ts";
import { chain } from "../files/input-chunks.ts";
import { rewriteSealed } from "../rewrite-sealed.ts";
import { requireEnvelope } from "../sealed-source.ts";
import { type CommandOptions, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";

/** A new data key, and the payload sealed again as a stream: what core's `rekey` does in memory. Context, detached keys, suite and aad stay. */
export function rekey(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const roles = { opens: true, seals: true };
  return rewriteSealed(words, options, roles, async ({ input, source, keks: { from, to }, report, configuration, write }) => {
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
    const bytes = await write(sealed);
    report.result(`${printable(input.path)}: has a new data key`, { input: input.path, bytes });
  });
}

function fullContext(header: HeaderInfo, given: Context): Context {
  const detached = header.detached.flatMap((key) => (Object.hasOwn(given, key) ? [[key, given[key] ?? ""] as const] : []));
  return Object.fromEntries([...Object.entries(header.context), ...detached]);
}
