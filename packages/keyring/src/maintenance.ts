import {
  aroundKek,
  asStored,
  type Context,
  type HeaderInfo,
  type Kek,
  LetterlockError,
  type LetterlockErrorCode,
  type Recipient,
  refresh,
  rewrap,
  verify,
} from "@letterlock/core";
import { headerIn } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import { includesPairs } from "./slot.ts";

export interface MaintenanceOptions {
  /** Only keys whose context has these pairs. */
  readonly context?: Context | undefined;
  /** Where to go on: the `last` of a report, or the keyId that came last. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each key blob that was looked at. */
  readonly onKey?: ((result: KeyResult) => void) | undefined;
}

export interface KeyResult {
  readonly keyId: string;
  /** "conflict": somebody else changed it three times meanwhile. "gone": it was destroyed. "unaffected": no KEK of ours owns a recipient. */
  readonly status: "changed" | "current" | "unaffected" | "conflict" | "gone" | "failed";
  readonly code: LetterlockErrorCode | undefined;
}

export interface MaintenanceReport {
  /** Every key blob that was looked at is counted once. */
  readonly counts: Readonly<Record<KeyResult["status"], number>>;
  readonly failures: readonly KeyResult[];
  /** The last keyId that was looked at: `after` for a run that goes on from here. */
  readonly last: string | undefined;
}

const tries = 3;

/** A run of `refresh` over every key blob. Doing it again is cheap: one that is current is not written. */
export async function refreshKeys(keks: readonly Kek[], store: KeyStore, options: MaintenanceOptions): Promise<MaintenanceReport> {
  const once = keks.map(askingVersionOnce);
  return overAll(store, options, async ({ blob }, { usage }) => {
    const { object, recipients } = await refresh(blob, once, { context: asStored(), usage, ...signalIn(options) });
    const failed = recipients.find(({ error }) => error !== undefined)?.error;
    const changed = recipients.some(({ status }) => status === "rewrapped" || status === "wrapped-again");
    if (failed !== undefined && !changed) throw failed;
    return changed ? object : undefined;
  });
}

export async function rewrapKeys(
  { from, to }: { readonly from: readonly Kek[]; readonly to: readonly Kek[] },
  store: KeyStore,
  options: MaintenanceOptions,
): Promise<MaintenanceReport> {
  return overAll(store, options, async ({ blob }, header) => {
    const { usage, recipients } = header;
    if (!recipients.some((recipient) => owner(from, recipient))) {
      if (recipients.every((recipient) => owner(to, recipient))) return undefined;
      throw new LetterlockError("no-matching-kek", "no KEK of `from` owns a recipient");
    }
    const call = { context: asStored(), usage, ...signalIn(options) };
    const object = await rewrap(blob, { from, to }, call);
    const { ok } = await verify(object, to, call);
    if (ok) return object;
    throw new LetterlockError("provider-error", "a KEK of `to` does not open what it wrapped: nothing was written");
  });
}

export interface StaleKey {
  readonly keyId: string;
  readonly context: Context;
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    /** Undefined: no KEK of the ring. */
    readonly currentVersion: string | undefined;
  }[];
}

/** One call for each KEK, for its version; the rest is read from headers. */
export async function* staleKeys(
  keks: readonly Kek[],
  store: KeyStore,
  { context = {}, after, signal }: MaintenanceOptions,
): AsyncGenerator<StaleKey> {
  const call = { signal: signal ?? new AbortController().signal };
  const versions = new Map<Kek, string | undefined>();
  for (const kek of keks) versions.set(kek, await kek.currentVersion?.(call));
  for await (const { keyId, blob } of store.list({ after, signal })) {
    const header = headerIn(blob);
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

async function overAll(
  store: KeyStore,
  options: MaintenanceOptions,
  change: (stored: StoredKey, header: HeaderInfo) => Promise<Uint8Array | undefined>,
): Promise<MaintenanceReport> {
  const { context = {}, after, signal, onKey } = options;
  const counts = { changed: 0, current: 0, unaffected: 0, conflict: 0, gone: 0, failed: 0 };
  const failures: KeyResult[] = [];
  let last = after;
  for await (const stored of store.list({ after, signal })) {
    signal?.throwIfAborted();
    last = stored.keyId;
    if (!includesPairs(headerIn(stored.blob).context, context)) continue;
    const result = await changeKey(store, stored, change, signal);
    counts[result.status] += 1;
    if (result.status === "failed" || result.status === "conflict") failures.push(result);
    onKey?.(result);
  }
  return { counts, failures, last };
}

async function changeKey(
  store: KeyStore,
  first: StoredKey,
  change: (stored: StoredKey, header: HeaderInfo) => Promise<Uint8Array | undefined>,
  signal: AbortSignal | undefined,
): Promise<KeyResult> {
  const { keyId } = first;
  const ended = (status: KeyResult["status"], code?: LetterlockErrorCode): KeyResult => ({ keyId, status, code });
  let stored: StoredKey | undefined = first;
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      const object = await change(stored, headerIn(stored.blob));
      if (object === undefined) return ended("current");
      const outcome = await store.replace(keyId, stored.blob, object, { signal });
      if (outcome === "replaced") return ended("changed");
      if (outcome === "gone") return ended("gone");
      stored = await store.get(keyId, { signal });
      if (stored === undefined) return ended("gone");
    } catch (error) {
      signal?.throwIfAborted();
      if (!LetterlockError.is(error)) throw error;
      return error.code === "no-matching-kek" ? ended("unaffected", error.code) : ended("failed", error.code);
    }
  }
  return ended("conflict");
}

function owner(keks: readonly Kek[], recipient: Recipient): Kek | undefined {
  return keks.find((kek) => kek.provider === recipient.provider && kek.owns(recipient));
}

function signalIn({ signal }: MaintenanceOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** One question about the version for a whole run; a failed one is asked again. */
function askingVersionOnce(kek: Kek): Kek {
  let version: Promise<string | undefined> | undefined;
  const { currentVersion } = kek;
  if (currentVersion === undefined) return kek;
  return {
    ...aroundKek(kek, (_operation, _call, run) => run()),
    currentVersion: (call) => {
      version ??= currentVersion.call(kek, call).catch((error: unknown) => {
        version = undefined;
        throw error;
      });
      return version;
    },
  };
}
