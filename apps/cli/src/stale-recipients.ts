import { type Kek, kekErrorCode, LetterlockError, type Recipient } from "@letterlock/core";
import { printable } from "./terminal/printable.ts";

/** A recipient of a header, and what the KEKs of a command say to it. */
export interface ExaminedRecipient {
  readonly recipient: Recipient;
  readonly currentVersion: string | undefined;
  readonly status: "current" | "old" | "unknown-version" | "not-configured";
}

/** Asks each KEK once for its version, when a recipient names it. */
export function recipientExaminer(keks: readonly Kek[]): (recipient: Recipient) => Promise<ExaminedRecipient> {
  const versions = new Map<Kek, Promise<string | undefined>>();
  const asked = (kek: Kek): Promise<string | undefined> => {
    const version = versions.get(kek) ?? ask(kek);
    versions.set(kek, version);
    return version;
  };
  return async (recipient) => {
    const kek = keks.find((one) => one.provider === recipient.provider && one.owns(recipient));
    if (kek === undefined) return { recipient, currentVersion: undefined, status: "not-configured" };
    const currentVersion = await asked(kek);
    if (currentVersion === undefined || currentVersion === recipient.keyVersion) return { recipient, currentVersion, status: "current" };
    return { recipient, currentVersion, status: recipient.keyVersion === undefined ? "unknown-version" : "old" };
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

export function recipientFields({ recipient: { provider, keyRef, keyVersion }, currentVersion, status }: ExaminedRecipient): object {
  return { provider, keyRef, keyVersion: keyVersion ?? null, currentVersion: currentVersion ?? null, status };
}

/** `what`: the object that they stand in, printable. */
export function recipientLines(what: string, recipients: readonly ExaminedRecipient[]): string {
  const lines = recipients.map(({ recipient: { provider, keyRef, keyVersion }, currentVersion, status }) => {
    const had = keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`;
    const now = currentVersion === undefined || status === "current" ? "" : `, now ${printable(currentVersion)}`;
    return `  ${status.padEnd(15)} ${provider} ${printable(keyRef)}${had}${now}`;
  });
  const bad = recipients.filter(({ status }) => status !== "current").length;
  return [`${what}: ${bad} of ${recipients.length} recipients are stale, unverified`, ...lines].join("\n");
}
