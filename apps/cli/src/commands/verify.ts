import { type Kek, LetterlockError, type OpenOptions, openStream, type VerifyReport, verify as verifyRecipients } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import { forEachSealed } from "../for-each-sealed.ts";
import { requireEnvelope, requireHeader, type SealedSource } from "../sealed-source.ts";
import { type CommandOptions, isSealedName, openSession } from "../session.ts";
import { printable } from "../terminal/printable.ts";

export async function verify(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  if (options.aad !== undefined && options.payload !== true) throw usage("--aad is checked with the payload: add --payload");
  const session = await openSession(words, options, isSealedName);
  const { report, configuration, inputs } = session;
  const items = inputs.list.map((input) => ({ input }));
  return session.withKeks({ opens: true, seals: false }, ({ from }) =>
    forEachSealed(session, items, async ({ input }, source) => {
      const { info, blob } = requireHeader(source);
      const context = expectedContext(options, configuration.context, info.header);
      const found = await verifyRecipients(blob, from, { context, usage: info.header.usage });
      if (options.payload === true) await openPayload(source, from, { context, aad: options.aad });
      report.result(forPeople(input.path, found, options.payload === true), {
        input: input.path,
        ok: found.ok,
        payload: options.payload === true ? "ok" : "not checked",
        recipients: found.recipients.map(fields),
      });
      refuseUnlessAllOpen(found);
    }),
  );
}

async function openPayload(source: SealedSource, from: readonly Kek[], options: OpenOptions): Promise<void> {
  requireEnvelope(source);
  for await (const _ of openStream(source.whole(), from, options));
}

type Verified = VerifyReport["recipients"][number];

function fields({ provider, keyRef, keyVersion, status }: Verified): object {
  return { provider, keyRef, keyVersion: keyVersion ?? null, status };
}

function forPeople(path: string, { ok, recipients }: VerifyReport, payload: boolean): string {
  const good = recipients.filter(({ status }) => status === "ok").length;
  const head = `${printable(path)}: ${ok ? "every recipient opens it" : `${good} of ${recipients.length} recipients open it`}${payload ? ", the payload is complete" : ""}`;
  return [head, ...recipients.map(({ provider, keyRef, status }) => `  ${status.padEnd(15)} ${provider} ${printable(keyRef)}`)].join("\n");
}

/** Damage is said first: it does not go away with another --with. */
function refuseUnlessAllOpen({ ok, recipients }: VerifyReport): void {
  if (ok) return;
  const bad = recipients.filter(({ status }) => status !== "ok");
  const worst = bad.find(({ status }) => status === "not-authentic") ?? bad[0];
  if (worst === undefined || worst.status === "ok") return;
  const { status, provider, keyRef } = worst;
  const message = `${bad.length} of ${recipients.length} recipients do not open it, first ${provider} ${keyRef}`;
  throw new LetterlockError(status, message, { provider, keyRef });
}
