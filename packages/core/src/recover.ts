import { secretBytes } from "./bytes.ts";
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
  /** K, the caller's to zero. */
  readonly secret: Uint8Array;
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
      if ("secret" in result) return { secret: result.secret, failures };
      failures.push(result.failure);
    }
  }
  throw nothingOpened(failures);
}

export type TryResult = "not-owned" | { readonly secret: Uint8Array } | { readonly failure: Attempt };

/** One attempt. Rejects only when the caller aborted. `secret` is K, the caller's to zero. */
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
  const secret = readSecret(unwrapped, keyId, core);
  return secret === undefined ? { failure: attemptWithCode(kek, "not-authentic") } : { secret };
}

/** HMAC alone would accept K with zero bytes appended, so the length is checked too. A copy: whoever still holds the KEK's buffer, which is zeroed, must not
 *  change K. */
function readSecret(unwrapped: unknown, keyId: Uint8Array, core: Core): Uint8Array | undefined {
  if (!(unwrapped instanceof Uint8Array)) return undefined;
  if (unwrapped.length !== keyBytes) {
    zero(unwrapped);
    return undefined;
  }
  const secret = secretBytes(keyBytes);
  secret.set(unwrapped);
  zero(unwrapped);
  if (equalInConstantTime(deriveKeyId(secret, core.bytes), keyId)) return secret;
  zero(secret);
  return undefined;
}

function zero(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0);
}
