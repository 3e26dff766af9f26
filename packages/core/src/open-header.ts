import { createSecretKey, type KeyObject } from "node:crypto";
import { type Core, type Expectation, matchCore, readExpectation } from "./context.ts";
import { deriveMac, equalInConstantTime, type Secret } from "./derive.ts";
import { type Attempt, LetterlockError } from "./error.ts";
import type { Header } from "./header.ts";
import type { KekUnwrapper } from "./kek.ts";
import { kekCalls } from "./kek-call.ts";
import { readUnwrappers } from "./kek-list.ts";
import { type MessageKeys, messageKeys } from "./message-key.ts";
import { type HeaderOptions, signalOf } from "./options.ts";
import { type Recovered, recover } from "./recover.ts";
import { type UsageId, usageName } from "./suite.ts";

/** K with what it is committed to. `keyId` is its name everywhere. */
export interface OpenedKey {
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  readonly core: Core;
  /** Derives the keys of its messages. */
  readonly messageKeys: MessageKeys;
}

/** What opening a header needs, read and checked. */
export interface Opener {
  /** As the caller passed them. */
  readonly given: readonly KekUnwrapper[];
  /** Those of them that the policy lets us call. */
  readonly keks: readonly KekUnwrapper[];
  readonly expectation: Expectation;
  readonly usage: UsageId;
  readonly authenticatedOnly: boolean;
  readonly depth: 1 | 2 | 3;
  readonly signal: AbortSignal;
  readonly onFailedAttempt: ((attempt: Attempt) => void) | undefined;
}

/** `options` must have passed checkOptions. Everything wrong with the arguments is misuse. */
export function readOpener(
  keks: readonly KekUnwrapper[],
  options: HeaderOptions,
  usage: UsageId = 1,
  signal: AbortSignal = signalOf(options),
): Opener {
  const authenticatedOnly = options.requireAuthenticatedWrap ?? false;
  const list = readUnwrappers(keks);
  return {
    given: list,
    keks: authenticatedOnly ? list.filter((kek) => kek.authenticatesWrap) : list,
    expectation: readExpectation(options.context),
    usage,
    authenticatedOnly,
    depth: 1,
    signal,
    onFailedAttempt: options.onFailedAttempt,
  };
}

/** Steps 2 and 3 of SPEC 8.2. No provider is contacted. */
export function expectedCore(header: Header, { usage, expectation }: Pick<Opener, "usage" | "expectation">): Core {
  if (header.usage !== usage) {
    throw new LetterlockError("wrong-usage", `expected a "${usageName(usage)}" key, the header holds a "${usageName(header.usage)}" key`);
  }
  return matchCore(header, expectation);
}

/** Steps 2 to 5 of SPEC 8.2. */
export async function openHeader(header: Header, opener: Opener): Promise<OpenedKey> {
  const { opened, failures } = await openHeaderQuietly(header, opener);
  report(failures, opener);
  return opened;
}

/** Failures before a success, to whoever asked for them. */
export function report(failures: readonly Attempt[], { onFailedAttempt }: Opener): void {
  for (const failure of failures) onFailedAttempt?.(failure);
}

/** For several callers who wait for one opening: each reports the failures himself. */
export async function openHeaderQuietly(
  header: Header,
  opener: Opener,
): Promise<{ readonly opened: OpenedKey; readonly failures: readonly Attempt[] }> {
  const { secret, core, failures } = await openSecret(header, opener);
  const key = createSecretKey(secret);
  secret.fill(0);
  return { opened: { key, keyId: header.keyId, core, messageKeys: messageKeys(key, header.keyId) }, failures };
}

/** Steps 2 to 5 of SPEC 8.2 for K itself, which is the caller's to zero. The failures are the caller's to report. */
export async function openSecret(header: Header, opener: Opener): Promise<Recovered & { readonly core: Core }> {
  const core = expectedCore(header, opener);
  const { secret, failures } = await recover(header, core, opener.keks, kekCalls(core, opener.depth, opener.signal));
  try {
    requireMac(header, secret);
  } catch (error) {
    secret.fill(0);
    throw error;
  }
  return { secret, core, failures };
}

/** Step 5 of SPEC 8.2: the list of (provider, keyRef) is the sealer's. */
export function requireMac(header: Header, secret: Secret): void {
  const ids = header.recipients.map((recipient) => recipient.id);
  if (!equalInConstantTime(deriveMac(secret, header.keyId, ids), header.mac)) {
    throw new LetterlockError("not-authentic", "the list of recipients was changed by somebody without the data key");
  }
}
