import { type Context, type HeaderInfo, type Kek, LetterlockError } from "@letterlock/core";
import { headerIn } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import { checkNames, type MaintenanceOptions, maintenanceNames, owner } from "./maintenance.ts";
import { includesPairs, requireContext } from "./slot.ts";

export interface StaleKey {
  readonly keyId: string;
  /** Undefined: what the store has for the key is not its key blob, so nobody can say what it names. `context` of the options does not leave it out. */
  readonly context: Context | undefined;
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    /** Undefined: no KEK of the ring. */
    readonly currentVersion: string | undefined;
  }[];
}

/** One call for each KEK, for its version; the rest is read from headers. */
export async function* staleKeys(keks: readonly Kek[], store: KeyStore, options: MaintenanceOptions): AsyncGenerator<StaleKey> {
  checkNames(options, maintenanceNames);
  const { context = {}, after, signal } = options;
  requireContext(context);
  const call = { signal: signal ?? new AbortController().signal };
  const versions = new Map<Kek, string | undefined>();
  for (const kek of keks) versions.set(kek, await kek.currentVersion?.(call));
  for await (const stored of store.list({ after, signal })) {
    const { keyId } = stored;
    const header = readableHeader(stored);
    if (header === undefined) {
      yield { keyId, context: undefined, recipients: [] };
      continue;
    }
    if (!includesPairs(header.context, context)) continue;
    const recipients = header.recipients.flatMap((recipient) => {
      if (recipient.provider === "intermediate") return [];
      const { provider, keyRef, keyVersion } = recipient;
      const kek = owner(keks, recipient);
      const currentVersion = kek === undefined ? undefined : versions.get(kek);
      const isCurrent = kek !== undefined && (currentVersion === undefined || currentVersion === keyVersion);
      return isCurrent ? [] : [{ provider, keyRef, keyVersion, currentVersion }];
    });
    if (recipients.length > 0) yield { keyId, context: header.context, recipients };
  }
}

/** Undefined where the blob is damaged: that is a finding, and no reason to look at no other. */
function readableHeader(stored: StoredKey): HeaderInfo | undefined {
  try {
    return headerIn(stored);
  } catch (error) {
    if (LetterlockError.is(error)) return undefined;
    throw error;
  }
}
