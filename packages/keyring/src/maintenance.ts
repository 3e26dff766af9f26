import {
  aroundKek,
  asStored,
  type Context,
  type HeaderInfo,
  type Kek,
  LetterlockError,
  type LetterlockErrorCode,
  type Recipient,
  type RewrapOptions,
  refresh,
  rewrap,
  verify,
} from "@letterlock/core";
import { headerIn } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import { includesPairs, requireContext } from "./slot.ts";

export interface MaintenanceOptions {
  /** Only keys whose context has these pairs. */
  readonly context?: Context | undefined;
  /** Where to go on: the `last` of a report, or the keyId that came last. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each key blob that was looked at. */
  readonly onKey?: ((result: KeyResult) => void) | undefined;
}

export interface RefreshKeysOptions extends MaintenanceOptions {
  /**
   * Opens every key blob that a provider wrapped again, before it is written: a provider that answers with something wrong destroys nothing. The data key is then in
   * this process for a moment; false by default, and then it is not, where the provider can wrap again by itself.
   */
  readonly verify?: boolean | undefined;
}

export interface KeyResult {
  readonly keyId: string;
  /**
   * "conflict": somebody else changed it three times meanwhile. "gone": it was destroyed. "unaffected": no KEK of ours owns a recipient. "failed": a recipient could
   * not be wrapped again; what could was written.
   */
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

interface Change {
  /** Undefined: nothing to write. */
  readonly object: Uint8Array | undefined;
  /** Of a recipient that stayed as it was and should not have. */
  readonly failure: LetterlockError | undefined;
}

const unchanged: Change = { object: undefined, failure: undefined };

/** A run of `refresh` over every key blob, or those of `keyIds`. Doing it again is cheap: one that is current is not written. */
export async function refreshKeys(
  keks: readonly Kek[],
  store: KeyStore,
  options: RefreshKeysOptions,
  keyIds?: Iterable<string>,
): Promise<MaintenanceReport> {
  checkNames(options, [...maintenanceNames, "verify"]);
  const once = keks.map(askingVersionOnce);
  const source = keyIds === undefined ? undefined : theseKeys(store, keyIds, signalIn(options));
  const change = async ({ blob }: StoredKey, { usage }: HeaderInfo): Promise<Change> => {
    const call = { context: asStored(), usage, ...signalIn(options) };
    const { object, recipients } = await refresh(blob, once, call);
    const failure = recipients.find(({ error }) => error !== undefined)?.error;
    if (!recipients.some(({ status }) => status === "rewrapped" || status === "wrapped-again")) return { object: undefined, failure };
    if (options.verify === true) await requireOpening(object, keks, call, (index) => recipients[index]?.status !== "not-owned");
    return { object, failure };
  };
  return overAll(store, options, change, source);
}

async function* theseKeys(store: KeyStore, keyIds: Iterable<string>, call: { readonly signal?: AbortSignal }): AsyncGenerator<StoredKey> {
  for (const keyId of keyIds) {
    const stored = await store.get(keyId, call);
    if (stored !== undefined) yield stored;
  }
}

export async function rewrapKeys(
  { from, to }: { readonly from: readonly Kek[]; readonly to: readonly Kek[] },
  store: KeyStore,
  options: MaintenanceOptions,
): Promise<MaintenanceReport> {
  checkNames(options, maintenanceNames);
  return overAll(store, options, async ({ blob }, header) => {
    const { usage, recipients } = header;
    if (!recipients.some((recipient) => owner(from, recipient))) {
      if (recipients.every((recipient) => owner(to, recipient))) return unchanged;
      throw new LetterlockError("no-matching-kek", "no KEK of `from` owns a recipient");
    }
    const call = { context: asStored(), usage, ...signalIn(options) };
    const object = await rewrap(blob, { from, to }, call);
    await requireOpening(object, to, call, () => true);
    return { object, failure: undefined };
  });
}

async function requireOpening(
  object: Uint8Array,
  keks: readonly Kek[],
  call: RewrapOptions,
  isOurs: (recipient: number) => boolean,
): Promise<void> {
  const { recipients } = await verify(object, keks, call);
  if (recipients.every(({ status }, index) => status === "ok" || !isOurs(index))) return;
  throw new LetterlockError("provider-error", "a KEK does not open what it wrapped: nothing was written");
}

async function overAll(
  store: KeyStore,
  options: MaintenanceOptions,
  change: (stored: StoredKey, header: HeaderInfo) => Promise<Change>,
  source?: AsyncIterable<StoredKey>,
): Promise<MaintenanceReport> {
  const { context = {}, after, signal, onKey } = options;
  requireContext(context);
  const counts = { changed: 0, current: 0, unaffected: 0, conflict: 0, gone: 0, failed: 0 };
  const failures: KeyResult[] = [];
  let last = after;
  for await (const stored of source ?? store.list({ after, signal })) {
    signal?.throwIfAborted();
    last = stored.keyId;
    const result = await changeKey(store, stored, context, change, signal);
    if (result === undefined) continue;
    counts[result.status] += 1;
    if (result.status === "failed" || result.status === "conflict") failures.push(result);
    onKey?.(result);
  }
  return { counts, failures, last };
}

/** Undefined: it is of another context. */
async function changeKey(
  store: KeyStore,
  first: StoredKey,
  context: Context,
  change: (stored: StoredKey, header: HeaderInfo) => Promise<Change>,
  signal: AbortSignal | undefined,
): Promise<KeyResult | undefined> {
  const { keyId } = first;
  const ended = (status: KeyResult["status"], code?: LetterlockErrorCode): KeyResult => ({ keyId, status, code });
  let stored: StoredKey | undefined = first;
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      const header = headerIn(stored);
      if (!includesPairs(header.context, context)) return undefined;
      const { object, failure } = await change(stored, header);
      const outcome = object === undefined ? "current" : await store.replace(keyId, stored.blob, object, { signal });
      if (outcome === "gone") return ended("gone");
      if (outcome !== "conflict")
        return failure === undefined ? ended(outcome === "replaced" ? "changed" : "current") : ended("failed", failure.code);
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

export const maintenanceNames: readonly string[] = ["context", "after", "signal", "onKey"];

export function checkNames(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option: ${known.join(", ")}`);
}

export function owner(keks: readonly Kek[], recipient: Recipient): Kek | undefined {
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
