import type { Aad } from "./aad.ts";
import type { AsStored, Context } from "./context.ts";
import type { Attempt } from "./error.ts";
import type { Suite, Usage } from "./kek.ts";
import type { KeyCache } from "./key-cache.ts";

// Each function takes exactly the options that it honours. An unknown option is a TypeError.

export interface CallOptions {
  /** Rejects with `signal.reason`; no further provider is called. */
  readonly signal?: AbortSignal | undefined;
}
export interface KeyOptions extends CallOptions {
  readonly context?: Context | undefined;
  /** Context keys whose values are bound but not stored. */
  readonly detached?: readonly string[] | undefined;
  /** Default "aes-256-gcm". */
  readonly suite?: Suite | undefined;
}
export interface SealOptions extends KeyOptions {
  readonly aad?: Aad | undefined;
  readonly cache?: KeyCache | undefined;
}
export interface HeaderOptions extends CallOptions {
  /** What the caller expects; another one is "context-mismatch" before any provider call. Default: no pairs. */
  readonly context?: Context | AsStored | undefined;
  /** Refuse KEKs that anybody with a public key can wrap for, without calling them. An intermediate KEK satisfies it, whatever wraps it, because its
   *  keyId is pinned by configuration (SPEC 10.3). */
  readonly requireAuthenticatedWrap?: boolean | undefined;
  /** Failures before a success: a damaged recipient, or a KEK about to be missed. Called once per failure, after the success. */
  readonly onFailedAttempt?: ((attempt: Attempt) => void) | undefined;
}
export interface OpenOptions extends HeaderOptions {
  readonly aad?: Aad | undefined;
  readonly cache?: KeyCache | undefined;
}
/** keyId: another one is "unknown-key", before any provider call. */
export interface OpenKeyOptions extends HeaderOptions {
  readonly keyId?: string | undefined;
  readonly cache?: KeyCache | undefined;
}
/** usage: what the object's key is for; default "data". */
export interface RewrapOptions extends HeaderOptions {
  readonly usage?: Usage | undefined;
}
export interface VerifyOptions extends RewrapOptions {
  /** Opens the payload too, with this aad. */
  readonly payload?: { readonly aad: Aad } | undefined;
}
export interface RekeyOptions extends HeaderOptions {
  /** The aad that the envelope was sealed with. */
  readonly aad?: Aad | undefined;
  readonly change?:
    | {
        readonly context?: Context | undefined;
        readonly detached?: readonly string[] | undefined;
        readonly aad?: Aad | undefined;
        readonly suite?: Suite | undefined;
      }
    | undefined;
}

export const callOptions: readonly string[] = ["signal"];
export const keyOptions: readonly string[] = [...callOptions, "context", "detached", "suite"];
export const headerOptions: readonly string[] = [...callOptions, "context", "requireAuthenticatedWrap", "onFailedAttempt"];

/** Names and simple types of an options object; values with a grammar of their own are read where they are used. */
export function checkOptions(options: object, known: readonly string[], what = "option"): void {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  for (const name in options) {
    if (!known.includes(name)) throw new TypeError(`unknown ${what} ${JSON.stringify(name)}; known are ${known.join(", ") || "none"}`);
  }
  const { signal, requireAuthenticatedWrap, onFailedAttempt } = options as HeaderOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
  if (requireAuthenticatedWrap !== undefined && typeof requireAuthenticatedWrap !== "boolean")
    throw new TypeError("requireAuthenticatedWrap must be a boolean");
  if (onFailedAttempt !== undefined && typeof onFailedAttempt !== "function") throw new TypeError("onFailedAttempt must be a function");
}

/** A fresh signal where the caller gave none: a shared one would collect the listeners of adapters for ever. */
export function signalOf(options: CallOptions): AbortSignal {
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  return signal;
}
