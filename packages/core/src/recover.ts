import { createSecretKey, type KeyObject } from "node:crypto";
import type { Core } from "./context.ts";
import { deriveKeyId, equalInConstantTime, keyBytes } from "./derive.ts";
import type { Attempt } from "./error.ts";
import type { Header } from "./header.ts";
import type { KekCall, KekUnwrapper } from "./kek.ts";
import { attemptWithCode, failedAttempt, nothingOpened, race } from "./kek-call.ts";
import { publicRecipient, type StoredRecipient } from "./recipient.ts";

/** SPEC 9.1. */
const maxAttempts = 16;

export interface Recovered {
  readonly key: KeyObject;
  /** What failed before the success. */
  readonly failures: readonly Attempt[];
}

/** K from a header (SPEC 8.1): KEKs in the caller's order, for each the recipients that it owns in header order, at most 16 attempts. */
export async function recover(header: Header, core: Core, keks: readonly KekUnwrapper[], call: () => KekCall): Promise<Recovered> {
  const failures: Attempt[] = [];
  for (const kek of keks) {
    for (const recipient of header.recipients) {
      if (failures.length === maxAttempts) throw nothingOpened(failures);
      if (recipient.provider !== kek.provider) continue;
      const result = await tryRecipient(kek, recipient, header.keyId, core, call);
      if (result === "not-owned") continue;
      if ("key" in result) return { key: result.key, failures };
      failures.push(result.failure);
    }
  }
  throw nothingOpened(failures);
}

export type TryResult = "not-owned" | { readonly key: KeyObject } | { readonly failure: Attempt };

/** One attempt. Rejects only when the caller aborted. */
export async function tryRecipient(
  kek: KekUnwrapper,
  recipient: StoredRecipient,
  keyId: Uint8Array,
  core: Core,
  call: () => KekCall,
): Promise<TryResult> {
  const made = call();
  const given = publicRecipient(recipient);
  made.signal.throwIfAborted();
  let unwrapped: unknown;
  try {
    if (!kek.owns(given)) return "not-owned";
    unwrapped = await race(made.signal, () => kek.unwrap(given, made), zero);
  } catch (error) {
    made.signal.throwIfAborted();
    return { failure: failedAttempt(kek, error) };
  }
  const key = readKey(unwrapped, keyId, core);
  return key === undefined ? { failure: attemptWithCode(kek, "not-authentic") } : { key };
}

/** HMAC alone would accept K with zero bytes appended, so the length is checked too. Zeroes what it was given. */
function readKey(unwrapped: unknown, keyId: Uint8Array, core: Core): KeyObject | undefined {
  if (!(unwrapped instanceof Uint8Array)) return undefined;
  try {
    if (unwrapped.length !== keyBytes) return undefined;
    const key = createSecretKey(unwrapped);
    return equalInConstantTime(deriveKeyId(key, core.bytes), keyId) ? key : undefined;
  } finally {
    zero(unwrapped);
  }
}

function zero(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0);
}
