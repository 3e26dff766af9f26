import { createSecretKey } from "node:crypto";
import { secretBytes } from "./bytes.ts";
import { type Core, makeCore, readContext, readDetached, storedCore } from "./context.ts";
import { deriveKeyId, deriveMac, keyBytes, type Secret } from "./derive.ts";
import { attempt } from "./error.ts";
import { type EncodableHeader, encodeHeader } from "./header.ts";
import type { KekCall, KekIdentity, KekWrapper, Wrapped } from "./kek.ts";
import { attemptWithCode, failedAttempt, kekCalls, kekFailure, race } from "./kek-call.ts";
import { messageKeys } from "./message-key.ts";
import type { OpenedKey } from "./open-header.ts";
import type { KeyOptions } from "./options.ts";
import { randomKey } from "./random.ts";
import { readWrapped, type StoredRecipient, type StoredWrapped, sortRecipients, storedRecipient } from "./recipient.ts";
import { suiteId, type UsageId } from "./suite.ts";

/** A header and the K in it. `header` is encoded, without an object's prefix. */
export interface CreatedHeader extends OpenedKey {
  readonly header: Uint8Array;
}

export function readCore(options: KeyOptions, usage: UsageId): Core {
  const pairs = readContext(options.context);
  return makeCore(suiteId(options.suite), usage, pairs, readDetached(options.detached, pairs));
}

/** SPEC section 7, steps 2 to 4: a new K, wrapped under every KEK or not at all. */
export async function createHeader(keks: readonly KekWrapper[], core: Core, signal: AbortSignal): Promise<CreatedHeader> {
  const { dataKey, first } = await newDataKey(keks, core, signal);
  try {
    const others = keks.filter((kek) => kek !== first?.kek);
    const recipients = [...(first === undefined ? [] : [first.recipient]), ...(await wrapForAll(dataKey, others, core, signal))];
    const key = createSecretKey(dataKey);
    const keyId = deriveKeyId(dataKey, core.bytes);
    return { key, keyId, core, messageKeys: messageKeys(key, keyId), header: encodeHeader(buildHeader(dataKey, keyId, core, recipients)) };
  } finally {
    dataKey.fill(0);
  }
}

/** The header of a K that is already known: only recipients and mac are new. */
export function buildHeader(secret: Secret, keyId: Uint8Array, core: Core, recipients: readonly StoredRecipient[]): EncodableHeader {
  const sorted = sortRecipients(recipients);
  const mac = deriveMac(
    secret,
    keyId,
    sorted.map((recipient) => recipient.id),
  );
  return { stored: storedCore(core), keyId, recipients: sorted, mac };
}

/** All or nothing: the first failure ends the other calls and is the error. */
export async function wrapForAll(
  dataKey: Uint8Array,
  keks: readonly KekWrapper[],
  core: Core,
  signal: AbortSignal,
): Promise<StoredRecipient[]> {
  const wrapUnder = (narrower: AbortSignal): Promise<StoredRecipient[]> => {
    const call = kekCalls(core, 1, narrower);
    return Promise.all(keks.map((kek) => wrapFor(dataKey, kek, call, signal)));
  };
  if (keks.length < 2) return await wrapUnder(signal);
  const others = new AbortController();
  try {
    return await wrapUnder(AbortSignal.any([signal, others.signal]));
  } finally {
    others.abort();
  }
}

/** `signal` is the caller's; the call may carry a narrower one. */
export async function wrapFor(dataKey: Uint8Array, kek: KekWrapper, call: () => KekCall, signal: AbortSignal): Promise<StoredRecipient> {
  // A copy: a KEK that changes its buffer must not change what the others wrap.
  const given = secretBytes(dataKey.length);
  given.set(dataKey);
  const { provider, keyRef } = kek;
  try {
    return storedRecipient({ provider, keyRef }, await wrappedBy(kek, "wrap", call(), signal, (made) => kek.wrap(given, made)));
  } finally {
    given.fill(0);
  }
}

/** A provider call that returns a wrapped key. An impossible value is "provider-error". */
export async function wrappedBy(
  kek: KekIdentity,
  verb: "wrap" | "rewrap" | "generate",
  call: KekCall,
  signal: AbortSignal,
  run: (call: KekCall) => Promise<Wrapped>,
): Promise<StoredWrapped> {
  let result: Wrapped;
  try {
    result = await race(call.signal, () => run(call));
  } catch (error) {
    signal.throwIfAborted();
    throw kekFailure(kek, verb, failedAttempt(kek, error));
  }
  const wrapped = readWrapped(result);
  if (wrapped === undefined) throw impossible(kek, verb);
  return wrapped;
}

async function newDataKey(
  keks: readonly KekWrapper[],
  core: Core,
  signal: AbortSignal,
): Promise<{ dataKey: Uint8Array; first: { kek: KekWrapper; recipient: StoredRecipient } | undefined }> {
  const kek = keks.find((candidate) => typeof candidate.generate === "function");
  if (kek?.generate === undefined) return { dataKey: randomKey(), first: undefined };
  const call = kekCalls(core, 1, signal)();
  const { provider, keyRef } = kek;
  let result: Awaited<ReturnType<NonNullable<KekWrapper["generate"]>>>;
  try {
    result = await race(
      signal,
      () => (kek.generate as NonNullable<KekWrapper["generate"]>)(call),
      (late) => zeroDataKey(late),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw kekFailure(kek, "generate", failedAttempt(kek, error));
  }
  const wrapped = readWrapped(result);
  const dataKey: unknown = (result as { dataKey?: unknown } | undefined)?.dataKey;
  if (wrapped === undefined || !(dataKey instanceof Uint8Array) || dataKey.length !== keyBytes) {
    zeroDataKey(result);
    throw impossible(kek, "generate");
  }
  // Taken over at once: whoever still holds the KEK's buffer must not change K while the other KEKs wrap.
  const taken = secretBytes(keyBytes);
  taken.set(dataKey);
  dataKey.fill(0);
  // A buffer that somebody zeroed before us: sealing under it would be sealing under a key that everybody knows.
  if (taken.every((byte) => byte === 0)) throw impossible(kek, "generate");
  return { dataKey: taken, first: { kek, recipient: storedRecipient({ provider, keyRef }, wrapped) } };
}

function zeroDataKey(result: unknown): void {
  const dataKey: unknown = (result as { dataKey?: unknown } | undefined)?.dataKey;
  if (dataKey instanceof Uint8Array) dataKey.fill(0);
}

function impossible(kek: KekIdentity, verb: string): Error {
  const { provider, keyRef, code } = attemptWithCode(kek, "provider-error");
  return kekFailure(
    kek,
    verb,
    attempt({ provider, keyRef, code, cause: new TypeError(`${verb} returned a value that no header can hold`) }),
  );
}
