import { type HeaderInfo, inspect, LetterlockError } from "@letterlock/core";
import type { StoredKey } from "@letterlock/keyring";
import type { ExitStatus } from "../exit-status.ts";
import { type ExaminedRecipient, recipientExaminer, recipientFields, recipientLines } from "../stale-recipients.ts";
import { printable } from "../terminal/printable.ts";
import { type KeyStoreOptions, withKeyStore } from "./key-store-session.ts";

/** Lists what `refresh` and `rewrap` have to do in a key store, from headers alone: 1 when there is something. One that fails does not stop the others. */
export function staleKeys(words: readonly string[], options: KeyStoreOptions & { readonly keyStore: string }): Promise<ExitStatus> {
  return withKeyStore(words, options, async ({ name, store, keks, report, context, after }) => {
    const examine = recipientExaminer(keks);
    let status: ExitStatus = 0;
    for await (const stored of store.list({ after })) {
      try {
        const header = headerOf(stored);
        if (!Object.entries(context).every(([key, value]) => Object.hasOwn(header.context, key) && header.context[key] === value)) continue;
        const recipients: ExaminedRecipient[] = [];
        for (const recipient of header.recipients) recipients.push(await examine(recipient));
        // An intermediate KEK is a key blob of the store itself, with recipients of its own.
        const own = recipients.filter(({ recipient, status }) => recipient.provider !== "intermediate" || status !== "not-configured");
        if (own.every((one) => one.status === "current")) continue;
        status = 1;
        report.result(recipientLines(`${printable(stored.keyId)} ${contextText(header)}`, own), {
          keyStore: name,
          keyId: stored.keyId,
          context: header.context,
          verified: false,
          recipients: own.map(recipientFields),
        });
      } catch (error) {
        if (!LetterlockError.is(error)) throw error;
        report.failed(error, stored.keyId);
        status = 1;
      }
    }
    return status;
  });
}

function headerOf({ keyId, blob }: StoredKey): HeaderInfo {
  const info = inspect(blob);
  if (info.type === "key-blob" && info.keyId === keyId) return info.header;
  throw new LetterlockError("malformed", "what the key store has for this key is not its key blob");
}

function contextText({ context }: HeaderInfo): string {
  const pairs = Object.entries(context).map(([key, value]) => `${printable(key)}=${printable(value)}`);
  return pairs.length === 0 ? "(no context)" : pairs.join(" ");
}
