import { timingSafeEqual } from "node:crypto";
import { envelopeHead, headerOf, type Kek, LetterlockError, type Recipient, refresh } from "@letterlock/core";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { type Found, findObject, objectOf } from "./found-object.ts";
import { contextOf, isOld, isRecipientOf, type Migration } from "./migration.ts";
import { classOfCode, type Outcome, outcomeOfError } from "./outcome.ts";
import { formOf, headBytes, inspectHead, payloadOf, readForm, writeForm } from "./stored-form.ts";
import { NotVerified, type verifiedRewrap } from "./verified-rewrap.ts";

/** How objects change. */
export interface Move {
  readonly migration: Migration;
  /** Of the recipients that are not in `to`. */
  readonly keep: (recipient: Recipient) => boolean;
  /** Who opens an object that lacks a recipient of the target, or whose recipient does not open; empty where that must not be. */
  readonly rescuers: Migration["from"];
  /** A recipient that names an older version of its key than this one is wrapped again: the KEK's provider and keyRef to its version. */
  readonly newest: ReadonlyMap<string, string>;
  readonly blind: boolean;
  /** Test only: what a campaign must notice when it is missing. */
  readonly verified: typeof verifiedRewrap;
}

/** An end, or what is still to be written. */
export type Step = (Outcome & { readonly retryAfterMs?: number | undefined }) | { readonly write: () => Promise<Outcome> };

/** Above this, the payload stays where it is, if the store can do that. */
const largeBytes = 8 * 1024 * 1024;

/** How much of an object is read, unless it is a text. */
export function readsToMove({ replaceHead }: EnvelopeStore): (object: StoredObject) => number {
  return ({ size }) => (replaceHead !== undefined && size > largeBytes ? headBytes : size);
}

/** Reads, classifies, rewraps and verifies. Writes nothing yet. */
export async function moveObject(stored: StoredObject, move: Move, signal: AbortSignal): Promise<Step> {
  const found = await findObject(stored);
  if (!("info" in found)) return found;
  const { id } = stored;
  try {
    if (found.info.type === "record") return { id, class: "already" };
    return move.blind ? await blindly(found, move, signal) : await openly(found, found.info.header.recipients, move, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotVerified) return { id, class: "failed", code: "not-verified", reason: error.message };
    return { ...outcomeOfError(id, error), retryAfterMs: retryAfter(error, move.migration) };
  }
}

/** How long the provider asked to wait, if it did. */
export function retryAfter(error: unknown, { from, to }: Pick<Migration, "from" | "to">): number | undefined {
  if (!LetterlockError.is(error)) return undefined;
  const { provider, keyRef, cause } = error;
  return [...from, ...to].find((kek) => kek.provider === provider && kek.keyRef === keyRef)?.retryAfterMs?.(cause);
}

async function openly(found: Found, recipients: readonly Recipient[], move: Move, signal: AbortSignal): Promise<Step> {
  const { migration, keep, rescuers, newest } = move;
  const { to, requireAuthenticatedWrap } = migration;
  const { stored, info } = found;
  const isTarget = (recipient: Recipient): boolean => to.some((kek) => isRecipientOf(recipient, kek));
  const has = (kek: Kek): boolean => recipients.some((recipient) => isRecipientOf(recipient, kek) && !isStale(recipient, newest));
  const missing = to.filter((kek) => !has(kek));
  if (missing.length === 0 && recipients.every((recipient) => isTarget(recipient) || keep(recipient)))
    return { id: stored.id, class: "already" };
  const options = { signal, requireAuthenticatedWrap, context: contextOf(migration, stored.id, info), usage: usageOf(found) };
  const kept = (recipient: Recipient): boolean => isTarget(recipient) || keep(recipient);
  return await changed(found, migration.store, async (blob) => {
    const openers = missing.length === 0 ? to : [...rescuers, ...to];
    try {
      return await move.verified(blob, { from: openers, to: missing, keep: kept }, to, options);
    } catch (error) {
      if (isOfNew(error, missing, recipients))
        throw new NotVerified(`the target did not wrap the data key: ${(error as LetterlockError).message}`);
      // A recipient of the target was there and does not open: damaged, or of a key that is no more. Whoever still opens the object wraps it anew.
      if (missing.length === to.length || rescuers.length === 0 || !isDamage(error)) throw error;
      return await move.verified(blob, { from: [...rescuers, ...to], to, keep: kept }, to, options);
    }
  });
}

/** Inside the provider: nobody sees the data key, and nobody checks that what comes back is the same one. */
async function blindly(found: Found, { migration }: Move, signal: AbortSignal): Promise<Step> {
  const { stored, info } = found;
  let isCurrent = false;
  const step = await changed(found, migration.store, async (blob) => {
    const options = { signal, context: contextOf(migration, stored.id, info), usage: usageOf(found) };
    const refreshed = await refresh(blob, migration.to, options);
    const failed = refreshed.recipients.find(({ status }) => status === "failed");
    if (failed?.error !== undefined) throw failed.error;
    isCurrent = refreshed.recipients.every(({ status }) => status === "current" || status === "not-owned");
    return refreshed.object;
  });
  if (isCurrent) return { id: stored.id, class: "already" };
  if (!("write" in step)) return step;
  return { write: async () => marked(await step.write()) };
}

function marked(outcome: Outcome): Outcome {
  return outcome.class === "migrated" ? { ...outcome, unverified: true } : outcome;
}

/** The write that puts what `rewrapped` makes of the object, or of its key blob, in its place. What will be written is parsed again before. */
async function changed(found: Found, store: EnvelopeStore, rewrapped: (object: Uint8Array) => Promise<Uint8Array>): Promise<Step> {
  const { stored, form, info, head } = found;
  const { id, version } = stored;
  const { replaceHead } = store;
  if (replaceHead !== undefined && isLarge(found)) {
    const { blob, payloadOffset } = headerOf(head);
    const bytes = envelopeHead(await rewrapped(blob));
    if (!sameKeyId(inspectHead(bytes, bytes.length + stored.size - payloadOffset, form).keyId, info.keyId))
      throw new NotVerified("the new head is of another data key");
    return { write: () => written(id, () => replaceHead.call(store, id, version, { bytes, replaces: payloadOffset })) };
  }
  const { object, form: wholeForm } = await objectOf(found);
  const bytes = writeForm(await rewrapped(object), wholeForm);
  requireSame(bytes, found, object);
  return { write: () => written(id, () => store.replace(id, version, bytes)) };
}

export function isLarge({ form, info, stored }: Pick<Found, "form" | "info" | "stored">): boolean {
  return form.form === "bytes" && info.type === "envelope" && stored.size > largeBytes;
}

/** From the very bytes that will be written: the same type, data key and payload. */
function requireSame(bytes: Uint8Array, { info }: Found, before: Uint8Array): void {
  const form = formOf(bytes);
  if (form === undefined) throw new NotVerified("what would be written is no object of Letterlock");
  const object = readForm(bytes, form);
  const again = inspectHead(object, object.length, { form: "bytes" });
  if (again.type !== info.type || !sameKeyId(again.keyId, info.keyId) || !sameBytes(payloadOf(object, again), payloadOf(before, info)))
    throw new NotVerified("what would be written is another object");
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Both are 43 characters. */
function sameKeyId(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

async function written(id: string, replace: () => Promise<Replaced>): Promise<Outcome> {
  try {
    const result = await replace();
    if (result === "replaced") return { id, class: "migrated" };
    return { id, class: result, ...(result === "conflict" && { reason: "somebody changed it since it was read" }) };
  } catch (error) {
    return { ...outcomeOfError(id, error), class: "failed" };
  }
}

function usageOf({ info }: Found): "data" | "kek" {
  return info.type === "record" ? "data" : info.header.usage;
}

function isStale({ provider, keyRef, keyVersion }: Recipient, newest: Move["newest"]): boolean {
  const version = newest.get(`${provider} ${keyRef}`);
  return version !== undefined && version !== keyVersion;
}

/** Of a key that the object does not name: what it says of a ciphertext is not about what is stored. */
function isOfNew(error: unknown, missing: readonly Kek[], recipients: readonly Recipient[]): boolean {
  if (!LetterlockError.is(error) || classOfCode[error.code] === "failed") return false;
  const failing = missing.find(({ provider, keyRef }) => provider === error.provider && keyRef === error.keyRef);
  return failing !== undefined && !recipients.some((recipient) => isRecipientOf(recipient, failing));
}

/** Not the trouble of a provider, which goes by. */
function isDamage(error: unknown): boolean {
  return error instanceof NotVerified || (LetterlockError.is(error) && !error.retryable && error.code !== "access-denied");
}

/** The recipients that stay unless the caller says otherwise: those of others, who are no part of the migration. */
export function keepOthers(migration: Migration): (recipient: Recipient) => boolean {
  return (recipient) => !isOld(recipient, migration);
}
