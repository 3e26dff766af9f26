import { type Bytes, type KekUnwrapper, LetterlockError, type Rewrap, type RewrapOptions, rewrap, verify } from "@letterlock/core";
import { classOfCode } from "./outcome.ts";

/** The target does not open what was wrapped for it. The object that is stored is as it was. */
export class NotVerified extends Error {}

/**
 * An envelope or a key blob for another set of recipients, after every KEK in `target` has unwrapped its recipient in the new one. The data keys are compared as core does it, in
 * constant time: the keyId of what each recipient holds, a commitment to the data key and its context (SPEC section 4), with that of the header. That this is the keyId of
 * the old header is looked at in the bytes that will be written.
 */
export async function verifiedRewrap(
  object: Uint8Array,
  keks: Rewrap,
  target: readonly KekUnwrapper[],
  options: RewrapOptions,
): Promise<Bytes> {
  const rewrapped = await rewrap(object, keks, options);
  await verifyBlob(rewrapped, target, options).catch((error: unknown) => {
    if (LetterlockError.is(error) && classOfCode[error.code] === "quarantined")
      throw new NotVerified(`what was wrapped for the target does not open again: ${error.message}`);
    throw error;
  });
  return rewrapped;
}

/** Every KEK in `target` opens its recipient. Rejects otherwise, with the retryable code where there is one. */
export async function verifyBlob(object: Uint8Array, target: readonly KekUnwrapper[], options: RewrapOptions): Promise<void> {
  const { recipients } = await verify(object, target, options);
  for (const { provider, keyRef } of target) {
    const found = recipients.find((one) => one.provider === provider && one.keyRef === keyRef);
    if (found === undefined) throw new LetterlockError("no-matching-kek", `there is no recipient for ${provider} ${keyRef}`);
    if (found.status === "ok") continue;
    const { attempts, status } = found;
    throw new LetterlockError(status, `${provider} ${keyRef} does not open its recipient: ${status}`, {
      provider,
      keyRef,
      attempts,
      cause: attempts[0]?.cause,
    });
  }
}
