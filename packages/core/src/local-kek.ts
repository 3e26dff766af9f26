import { requireBytes, secretBytes } from "./bytes.ts";
import { keyBytes } from "./derive.ts";
import { isKekErrorCode, type KekErrorCode, LetterlockError } from "./error.ts";
import type { Kek, Recipient } from "./kek.ts";
import { checkOptions } from "./options.ts";
import { isKeyRef } from "./recipient.ts";
import { unwrapWithSecret, wrapWithSecret } from "./secret-wrap.ts";

/** A KEK whose 32-byte secret is in this process: development, tests, and secrets that an application gets from elsewhere. `secret` is copied; zero yours. */
export function localKek(options: { readonly name: string; readonly secret: Uint8Array }): Kek {
  checkOptions(options, ["name", "secret"]);
  requireName(options.name);
  requireBytes("secret", options.secret);
  if (options.secret.length !== keyBytes) throw new RangeError(`secret must be ${keyBytes} bytes`);
  // Bytes, not a KeyObject: an export before every derivation would cost as much as a hash.
  const held = { secret: secretBytes(keyBytes) };
  held.secret.set(options.secret);
  // Zeroed when the members that hold it were collected. The KEK itself may go earlier: a spread of it has the same members.
  forgotten.register(held, held.secret);
  const keyRef = options.name;
  return Object.freeze({
    provider: "local",
    keyRef,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode: ownErrorCode,
    owns: (recipient: Recipient) => recipient.provider === "local" && recipient.keyRef === keyRef,
    wrap: async (dataKey, call) => ({ wrapped: wrapWithSecret(held.secret, dataKey, call) }),
    unwrap: async (recipient, call) => unwrapWithSecret(held.secret, recipient.wrapped, call),
  } satisfies Kek);
}

const forgotten = new FinalizationRegistry<Uint8Array>((secret) => secret.fill(0));

/** The KEKs that need no provider throw core's own errors. */
export function ownErrorCode(error: unknown): KekErrorCode {
  return LetterlockError.is(error) && isKekErrorCode(error.code) ? error.code : "provider-error";
}

/** A name is a keyRef (SPEC section 3). */
export function requireName(name: unknown): asserts name is string {
  if (!isKeyRef(name)) throw new TypeError("name must be 1 to 255 visible ASCII characters without spaces");
}
