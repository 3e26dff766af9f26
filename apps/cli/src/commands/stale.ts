import { type Kek, kekErrorCode, LetterlockError, type Recipient } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { forEachSealed } from "../for-each-sealed.ts";
import { requireHeader } from "../sealed-source.ts";
import { type CommandOptions, isSealedName, openSession } from "../session.ts";
import { printable } from "../terminal/printable.ts";

/** Lists what `refresh` and `rewrap` have to do, from headers alone: 1 when there is something. */
export async function stale(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, inputs } = session;
  const items = inputs.list.map((input) => ({ input }));
  return session.withKeks({ opens: true, seals: false }, async ({ from }) => {
    const currentVersion = askedOnce();
    let found = false;
    const status = await forEachSealed(session, items, async ({ input }, source) => {
      const { info } = requireHeader(source);
      const recipients: Examined[] = [];
      for (const recipient of info.header.recipients) recipients.push(await examined(recipient, from, currentVersion));
      if (recipients.every((one) => one.status === "current")) return;
      found = true;
      report.result(forPeople(input.path, recipients), { input: input.path, verified: false, recipients: recipients.map(fields) });
    });
    return found ? 1 : status;
  });
}

interface Examined {
  readonly recipient: Recipient;
  readonly currentVersion: string | undefined;
  readonly status: "current" | "old" | "unknown-version" | "not-configured";
}

type CurrentVersion = (kek: Kek) => Promise<string | undefined>;

async function examined(recipient: Recipient, keks: readonly Kek[], ask: CurrentVersion): Promise<Examined> {
  const kek = keks.find((one) => one.provider === recipient.provider && one.owns(recipient));
  if (kek === undefined) return { recipient, currentVersion: undefined, status: "not-configured" };
  const currentVersion = await ask(kek);
  if (currentVersion === undefined || currentVersion === recipient.keyVersion) return { recipient, currentVersion, status: "current" };
  return { recipient, currentVersion, status: recipient.keyVersion === undefined ? "unknown-version" : "old" };
}

/** A KEK that no object names is not asked. */
function askedOnce(): CurrentVersion {
  const versions = new Map<Kek, Promise<string | undefined>>();
  return (kek) => {
    const asked = versions.get(kek) ?? ask(kek);
    versions.set(kek, asked);
    return asked;
  };
}

async function ask(kek: Kek): Promise<string | undefined> {
  try {
    return await kek.currentVersion?.({ signal: new AbortController().signal });
  } catch (error) {
    const { provider, keyRef } = kek;
    throw new LetterlockError(kekErrorCode(kek, error), `${provider} ${keyRef} does not tell its current version`, {
      provider,
      keyRef,
      cause: error,
    });
  }
}

function fields({ recipient: { provider, keyRef, keyVersion }, currentVersion, status }: Examined): object {
  return { provider, keyRef, keyVersion: keyVersion ?? null, currentVersion: currentVersion ?? null, status };
}

function forPeople(path: string, recipients: readonly Examined[]): string {
  const lines = recipients.map(({ recipient: { provider, keyRef, keyVersion }, currentVersion, status }) => {
    const had = keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`;
    const now = currentVersion === undefined || status === "current" ? "" : `, now ${printable(currentVersion)}`;
    return `  ${status.padEnd(15)} ${provider} ${printable(keyRef)}${had}${now}`;
  });
  const bad = recipients.filter(({ status }) => status !== "current").length;
  return [`${printable(path)}: ${bad} of ${recipients.length} recipients are stale, unverified`, ...lines].join("\n");
}
