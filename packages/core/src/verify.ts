import { createSecretKey } from "node:crypto";
import { readAad } from "./aad.ts";
import { requireBytes } from "./bytes.ts";
import type { Core } from "./context.ts";
import type { Attempt, LetterlockErrorCode } from "./error.ts";
import type { KekCall, KekUnwrapper } from "./kek.ts";
import { kekCalls, nothingOpened, outcome } from "./kek-call.ts";
import { messageKeys } from "./message-key.ts";
import { parseObject } from "./object.ts";
import { expectedCore, readOpener, requireMac } from "./open-header.ts";
import { checkOptions, type VerifyOptions } from "./options.ts";
import { openPayload } from "./payload.ts";
import type { StoredRecipient } from "./recipient.ts";
import { tryRecipient } from "./recover.ts";
import { rewrapOptions } from "./rewrap.ts";
import { usageId } from "./suite.ts";

export interface VerifyReport {
  /** Every recipient is "ok". */
  readonly ok: boolean;
  /** In header order. "no-matching-kek": no KEK of the list owns it. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    readonly status: "ok" | LetterlockErrorCode;
    readonly attempts: readonly Attempt[];
  }[];
}

/**
 * Tries every recipient of an envelope or key blob with every KEK that owns it, one after the other (SPEC 8.5). Rejects only when none opens, when the
 * list of recipients is not the sealer's, or when `payload` was asked for and does not verify; `ok` says that all recipients opened.
 */
export async function verify(object: Uint8Array, keks: readonly KekUnwrapper[], options: VerifyOptions = {}): Promise<VerifyReport> {
  requireBytes("object", object);
  checkOptions(options, [...rewrapOptions, "payload"]);
  const payloadAad = options.payload === undefined ? undefined : readPayloadAad(options.payload);
  const opener = readOpener(keks, options, usageId(options.usage));
  const parsed = parseObject(object, ["envelope", "key-blob"]);
  const { header } = parsed;
  const core = expectedCore(header, opener);
  const call = kekCalls(core, opener.depth, opener.signal);
  const all: Attempt[] = [];
  const recipients: VerifyReport["recipients"][number][] = [];
  let secret: Uint8Array | undefined;
  try {
    for (const recipient of header.recipients) {
      const { opened, attempts } = await tryAll(opener.keks, recipient, header.keyId, core, call);
      const { provider, keyRef, keyVersion } = recipient;
      recipients.push({ provider, keyRef, keyVersion, status: opened === undefined ? outcome(attempts) : "ok", attempts });
      all.push(...attempts);
      // keyId commits to K, so every recipient that opens gives the same.
      if (secret === undefined) secret = opened;
      else opened?.fill(0);
    }
    if (secret === undefined) throw nothingOpened(all);
    requireMac(header, secret);
    for (const failure of all) opener.onFailedAttempt?.(failure);
    if (payloadAad !== undefined && parsed.type === "envelope") {
      const key = createSecretKey(secret);
      const opened = { key, keyId: header.keyId, core, messageKeys: messageKeys(key, header.keyId) };
      openPayload(opened, object, parsed.payloadOffset, payloadAad).fill(0);
    }
  } finally {
    secret?.fill(0);
  }
  return { ok: recipients.every(({ status }) => status === "ok"), recipients };
}

/** In the caller's order, until one opens. `opened` is K, the caller's to zero. */
async function tryAll(
  keks: readonly KekUnwrapper[],
  recipient: StoredRecipient,
  keyId: Uint8Array,
  core: Core,
  call: () => KekCall,
): Promise<{ readonly opened: Uint8Array | undefined; readonly attempts: readonly Attempt[] }> {
  const attempts: Attempt[] = [];
  for (const kek of keks) {
    if (kek.provider !== recipient.provider) continue;
    const result = await tryRecipient(kek, recipient, keyId, core, call);
    if (result === "not-owned") continue;
    if ("secret" in result) return { opened: result.secret, attempts };
    attempts.push(result.failure);
  }
  return { opened: undefined, attempts };
}

function readPayloadAad(payload: NonNullable<VerifyOptions["payload"]>): Uint8Array {
  checkOptions(payload, ["aad"], "member of payload");
  return readAad(payload.aad);
}
