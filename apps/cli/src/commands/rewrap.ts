import { inspect, rewrap as rewrapHeader } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { withHeader } from "../rewrite-in-place.ts";
import { rewriteSealed } from "../rewrite-sealed.ts";
import { requireHeader } from "../sealed-source.ts";
import { type CommandOptions, warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";

export function rewrap(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const roles = { opens: true, seals: true };
  return rewriteSealed(words, options, roles, async ({ input, source, keks: { from, to }, report, configuration, write }) => {
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
    await write(withHeader(source, rewrapped));
    const recipients = recipientsOf(rewrapped);
    const names = recipients.map(({ provider, keyRef }) => `${provider} ${printable(keyRef)}`).join(", ");
    report.result(`${printable(input.path)}: opens with ${names}`, { input: input.path, recipients });
  });
}

function recipientsOf(blob: Uint8Array): readonly { readonly provider: string; readonly keyRef: string }[] {
  const info = inspect(blob);
  return info.type === "record" ? [] : info.header.recipients.map(({ provider, keyRef }) => ({ provider, keyRef }));
}
