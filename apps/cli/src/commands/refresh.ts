import { type Refreshed, refresh as refreshHeader } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { expectedContext } from "../expected-context.ts";
import { type KeyStoreOptions, refuseKeyStoreOptions } from "../key-stores/key-store-session.ts";
import { withHeader } from "../rewrite-in-place.ts";
import { rewriteSealed } from "../rewrite-sealed.ts";
import { requireHeader } from "../sealed-source.ts";
import { warnOfAttempts } from "../session.ts";
import { printable } from "../terminal/printable.ts";

export async function refresh(words: readonly string[], options: KeyStoreOptions): Promise<ExitStatus> {
  const { keyStore } = options;
  if (keyStore !== undefined) return (await import("../key-stores/refresh-keys.ts")).refreshKeys(words, { ...options, keyStore });
  refuseKeyStoreOptions(options);
  const roles = { opens: true, seals: false };
  return rewriteSealed(words, options, roles, async ({ input, source, keks: { from }, report, configuration, write }) => {
    const { info, blob } = requireHeader(source);
    const { object, recipients } = await refreshHeader(blob, from, {
      context: expectedContext(options, configuration.context, info.header),
      usage: info.header.usage,
      onFailedAttempt: warnOfAttempts(report, input),
    });
    if (input.path === "-" || recipients.some(isNew)) await write(withHeader(source, object));
    report.result(forPeople(input.path, recipients), { input: input.path, recipients: recipients.map(fields) });
    // The others are refreshed and written; this one still makes the object a failure.
    const failed = recipients.find(({ status }) => status === "failed");
    if (failed?.error !== undefined) throw failed.error;
  });
}

type Recipients = Refreshed["recipients"];

function isNew({ status }: Recipients[number]): boolean {
  return status === "rewrapped" || status === "wrapped-again";
}

function fields({ provider, keyRef, from, to, status, error }: Recipients[number]): object {
  return { provider, keyRef, from: from ?? null, to: to ?? null, status, ...(error === undefined ? {} : { code: error.code }) };
}

function forPeople(path: string, recipients: Recipients): string {
  const lines = recipients.map(({ provider, keyRef, from, to, status }) => {
    return `  ${status.padEnd(13)} ${provider} ${printable(keyRef)}${versionsOf(from, to)}`;
  });
  return [`${printable(path)}: ${recipients.filter(isNew).length} of ${recipients.length} recipients refreshed`, ...lines].join("\n");
}

function versionsOf(from: string | undefined, to: string | undefined): string {
  if (from === to) return from === undefined ? "" : `, version ${printable(from)}`;
  return `, version ${printable(from ?? "unknown")} -> ${printable(to ?? "unknown")}`;
}
