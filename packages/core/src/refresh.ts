import { type Bytes, requireBytes } from "./bytes.ts";
import { wrapFor, wrappedBy } from "./create-header.ts";
import { type Attempt, LetterlockError } from "./error.ts";
import type { Kek, KekCall, KekUnwrapper } from "./kek.ts";
import { failedAttempt, kekCalls, kekFailure, nothingOpened, outcome, race } from "./kek-call.ts";
import { name } from "./kek-list.ts";
import { parseObject } from "./object.ts";
import { expectedCore, type OpenedKey, type Opener, openHeader, readOpener } from "./open-header.ts";
import { checkOptions, type RewrapOptions } from "./options.ts";
import { publicRecipient, type StoredRecipient } from "./recipient.ts";
import { rewrapOptions, withHeader } from "./rewrap.ts";
import { usageId } from "./suite.ts";

export interface Refreshed {
  readonly object: Bytes;
  /** In header order. `from` and `to` are key versions, as far as the provider tells them. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly from: string | undefined;
    readonly to: string | undefined;
    /** "rewrapped": by the provider; "wrapped-again": the data key was in this process; "current": nothing to do. */
    readonly status: "rewrapped" | "wrapped-again" | "current" | "not-owned" | "failed";
    readonly error: LetterlockError | undefined;
  }[];
}

type Status = Refreshed["recipients"][number];
type Refresher = KekUnwrapper | Kek;

/**
 * Every recipient that a KEK owns, wrapped under the newest version: inside the provider where it can (then nothing is unwrapped and no mac is
 * checked: verify afterwards), else with the data key. The others stay as they are. One that fails does not stop the rest. Rejects when no KEK owns a
 * recipient, or when every owned one failed. A KEK that can neither rewrap nor wrap is a TypeError.
 * A recipient is "current" where `currentVersion` names the version that the header gives; that field is not authenticated (SPEC 10.2).
 * `object` must not change before the promise settles.
 */
export async function refresh(object: Uint8Array, keks: readonly (KekUnwrapper | Kek)[], options: RewrapOptions = {}): Promise<Refreshed> {
  requireBytes("object", object);
  checkOptions(options, rewrapOptions);
  const opener = readOpener(keks, options, usageId(options.usage));
  for (const kek of keks) {
    if (!canRewrap(kek) && !canWrap(kek)) throw new TypeError(`${name(kek)} can neither rewrap nor wrap`);
  }
  const { length } = object;
  const parsed = parseObject(object, ["envelope", "key-blob"]);
  const { header } = parsed;
  const core = expectedCore(header, opener);
  const call = kekCalls(core, opener.depth, opener.signal);
  const dataKey = once(() => openHeader(header, opener));
  const done: { recipient: StoredRecipient; status: Status }[] = [];
  const failures: Attempt[] = [];
  for (const recipient of header.recipients) {
    const one = await refreshOne(recipient, { opener, call, dataKey, core });
    done.push(one);
    if (one.status.error !== undefined) failures.push(failureOf(recipient, one.status.error));
  }
  requireProgress(
    done.map(({ status }) => status),
    failures,
  );
  const refreshed = { ...header, recipients: done.map(({ recipient }) => recipient) };
  return { object: withHeader(parsed, refreshed, object, length), recipients: done.map(({ status }) => status) };
}

interface Work {
  readonly opener: Opener;
  readonly call: () => KekCall;
  readonly dataKey: () => Promise<OpenedKey>;
  readonly core: OpenedKey["core"];
}

async function refreshOne(recipient: StoredRecipient, work: Work): Promise<{ recipient: StoredRecipient; status: Status }> {
  const { opener, call } = work;
  try {
    const kek = ownerOf(recipient, opener.keks);
    if (kek === undefined) return unchanged(recipient, "not-owned");
    const current = await currentVersionOf(kek, opener);
    if (current !== undefined && current === recipient.keyVersion) return unchanged(recipient, "current");
    const given = publicRecipient(recipient);
    const wrapped = canRewrap(kek)
      ? await wrappedBy(kek, "rewrap", call(), opener.signal, (made) => kek.rewrap(given, made))
      : await wrapAgain(kek as Kek, work);
    const status = canRewrap(kek) ? "rewrapped" : "wrapped-again";
    const { provider, keyRef } = recipient;
    const report: Status = { provider, keyRef, from: recipient.keyVersion, to: wrapped.keyVersion, status, error: undefined };
    return { recipient: { ...recipient, wrapped: wrapped.wrapped, keyVersion: wrapped.keyVersion }, status: report };
  } catch (error) {
    opener.signal.throwIfAborted();
    if (!LetterlockError.is(error)) throw error;
    return unchanged(recipient, "failed", error);
  }
}

/** The id stays as it is: a KEK that owns a recipient of another keyRef says that both name one key (SPEC section 6). */
async function wrapAgain(kek: Kek, { opener, call, dataKey }: Work): Promise<StoredRecipient> {
  const { key } = await dataKey();
  const bytes = key.export();
  try {
    return await wrapFor(bytes, kek, call, opener.signal);
  } finally {
    bytes.fill(0);
  }
}

/** A policy may not allow the question; the answer only saves work, so a failure is reported and the recipient is refreshed all the same. */
async function currentVersionOf(kek: Refresher, { signal, onFailedAttempt }: Opener): Promise<string | undefined> {
  const ask = (kek as Partial<Kek>).currentVersion;
  if (ask === undefined) return undefined;
  try {
    const version: unknown = await race(signal, () => ask.call(kek, { signal }));
    return typeof version === "string" && version !== "" ? version : undefined;
  } catch (error) {
    signal.throwIfAborted();
    onFailedAttempt?.(failedAttempt(kek, error));
    return undefined;
  }
}

function ownerOf(recipient: StoredRecipient, keks: readonly Refresher[]): Refresher | undefined {
  return keks.find((kek) => {
    try {
      return kek.provider === recipient.provider && kek.owns(publicRecipient(recipient));
    } catch (error) {
      throw kekFailure(kek, "decide what it owns", failedAttempt(kek, error));
    }
  });
}

function unchanged(
  recipient: StoredRecipient,
  status: "current" | "not-owned" | "failed",
  error?: LetterlockError,
): { recipient: StoredRecipient; status: Status } {
  const { provider, keyRef, keyVersion } = recipient;
  return { recipient, status: { provider, keyRef, from: keyVersion, to: keyVersion, status, error } };
}

function requireProgress(statuses: readonly Status[], failures: readonly Attempt[]): void {
  const owned = statuses.filter(({ status }) => status !== "not-owned");
  if (owned.length === 0) throw nothingOpened([]);
  if (owned.some(({ status }) => status !== "failed")) return;
  const code = outcome(failures);
  const decisive = failures.find((failure) => failure.code === code);
  throw new LetterlockError(
    code,
    `no recipient could be refreshed: ${failures.map((f) => `${f.provider} ${f.keyRef}: ${f.code}`).join("; ")}`,
    {
      provider: decisive?.provider,
      keyRef: decisive?.keyRef,
      attempts: failures,
      cause: decisive?.cause,
    },
  );
}

function failureOf({ provider, keyRef }: StoredRecipient, error: LetterlockError): Attempt {
  return { provider, keyRef, code: error.code, cause: error.cause ?? error };
}

function canRewrap<K extends Refresher>(kek: K): kek is K & { rewrap: NonNullable<KekUnwrapper["rewrap"]> } {
  return typeof kek.rewrap === "function";
}

function canWrap(kek: Refresher): kek is Kek {
  return typeof (kek as Partial<Kek>).wrap === "function";
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run();
    return result;
  };
}
