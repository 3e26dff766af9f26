import { inspect, rewrap as rewrapHeader } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { rewriteInPlace, withHeader } from "../rewrite-in-place.ts";
import { requireHeader, sealedSource } from "../sealed-source.ts";
import { type CommandOptions, forEachObject, isSealedName, openSession, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";

export async function rewrap(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, configuration, inputs } = session;
  if (inputs.list.some(({ path }) => path === "-")) report.dataOnStdout();
  const { from, to } = await session.keks({ opens: true, seals: true });
  const items = inputs.list.map((input) => ({ input }));
  return forEachObject(report, items, async ({ input }) => {
    const source = await sealedSource(input, options, report.progress.add);
    try {
      const { info, blob } = requireHeader(source);
      const keep = options.keep === true ? () => true : undefined;
      const rewrapped = await rewrapHeader(
        blob,
        { from, to, keep },
        {
          context: expectedContext(options, configuration.context, info.header),
          usage: info.header.usage,
          onFailedAttempt: warnOfAttempts(report, input),
        },
      );
      await rewriteInPlace(input, withHeader(source, rewrapped), options);
      const recipients = recipientsOf(rewrapped);
      const names = recipients.map(({ provider, keyRef }) => `${provider} ${printable(keyRef)}`).join(", ");
      report.result(`${printable(input.path)}: opens with ${names}`, { input: input.path, recipients });
    } finally {
      await source.close();
    }
  });
}

function recipientsOf(blob: Uint8Array): readonly { readonly provider: string; readonly keyRef: string }[] {
  const info = inspect(blob);
  return info.type === "record" ? [] : info.header.recipients.map(({ provider, keyRef }) => ({ provider, keyRef }));
}
