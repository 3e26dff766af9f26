import type { ExitStatus } from "../exit-status.ts";
import { usage } from "../failure.ts";
import { forEachSealed } from "../for-each-sealed.ts";
import { type KeyStoreOptions, refuseKeyStoreOptions } from "../key-stores/key-store-session.ts";
import { requireHeader } from "../sealed-source.ts";
import { isSealedName, openSession } from "../session.ts";
import { type ExaminedRecipient, recipientExaminer, recipientFields, recipientLines } from "../stale-recipients.ts";
import { printable } from "../terminal/printable.ts";

/** Lists what `refresh` and `rewrap` have to do, from headers alone: 1 when there is something. */
export async function stale(words: readonly string[], options: KeyStoreOptions): Promise<ExitStatus> {
  const { keyStore } = options;
  if (keyStore !== undefined) return (await import("../key-stores/stale-keys.ts")).staleKeys(words, { ...options, keyStore });
  refuseKeyStoreOptions(options);
  if (options.context !== undefined) throw usage("--context goes with --key-store");
  const session = await openSession(words, options, isSealedName);
  const { report, inputs } = session;
  const items = inputs.list.map((input) => ({ input }));
  return session.withKeks({ opens: true, seals: false }, async ({ from }) => {
    const examine = recipientExaminer(from);
    let found = false;
    const status = await forEachSealed(session, items, async ({ input }, source) => {
      const { info } = requireHeader(source);
      const recipients: ExaminedRecipient[] = [];
      for (const recipient of info.header.recipients) recipients.push(await examine(recipient));
      if (recipients.every((one) => one.status === "current")) return;
      found = true;
      const fields = { input: input.path, verified: false, recipients: recipients.map(recipientFields) };
      report.result(recipientLines(printable(input.path), recipients), fields);
    });
    return found ? 1 : status;
  });
}
