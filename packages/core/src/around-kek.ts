import { isKekErrorCode, type KekErrorCode } from "./error.ts";
import type { Kek, KekCall, KekOperation, KekUnwrapper, KekWrapper, Recipient } from "./kek.ts";

type Around = <T>(
  operation: KekOperation,
  call: { readonly signal: AbortSignal },
  run: (call?: { readonly signal: AbortSignal }) => Promise<T>,
) => Promise<T>;

/**
 * A KEK that runs every provider call of `kek` through `around`: the base of retry, rate limit, tracing. Keeps identity, `owns`, `errorCode` and
 * exactly the optional members that `kek` has. `run()` makes the call; `run({ signal })` makes it under another signal and leaves the rest of the
 * call as it is. `errorCode` names the errors that `around` itself throws; undefined leaves them to `kek`.
 */
export function aroundKek<K extends KekWrapper | KekUnwrapper>(
  kek: K,
  around: Around,
  errorCode?: (error: unknown) => KekErrorCode | undefined,
): K {
  if (typeof around !== "function") throw new TypeError("around must be a function");
  if (errorCode !== undefined && typeof errorCode !== "function") throw new TypeError("errorCode must be a function");
  const inner: Partial<Kek & Disposable & AsyncDisposable> = kek;
  const calling = <C extends { readonly signal: AbortSignal }, T>(
    operation: KekOperation,
    call: C,
    run: (call: C) => Promise<T>,
  ): Promise<T> => around(operation, call, async (changed) => run(changed === undefined ? call : { ...call, signal: changed.signal }));
  const { wrap, unwrap, generate, rewrap, currentVersion, owns, retryAfterMs } = inner;
  const dispose = inner[Symbol.dispose];
  const asyncDispose = inner[Symbol.asyncDispose];
  const outer = {
    provider: kek.provider,
    keyRef: kek.keyRef,
    bindsContext: kek.bindsContext,
    authenticatesWrap: kek.authenticatesWrap,
    errorCode: (error: unknown): KekErrorCode => {
      const own = errorCode?.(error);
      return isKekErrorCode(own) ? own : kek.errorCode(error);
    },
    ...(retryAfterMs && { retryAfterMs: (error: unknown) => retryAfterMs.call(kek, error) }),
    ...(owns && { owns: (recipient: Recipient) => owns.call(kek, recipient) }),
    ...(wrap && { wrap: (dataKey: Uint8Array, call: KekCall) => calling("wrap", call, (c) => wrap.call(kek, dataKey, c)) }),
    ...(unwrap && { unwrap: (recipient: Recipient, call: KekCall) => calling("unwrap", call, (c) => unwrap.call(kek, recipient, c)) }),
    ...(generate && { generate: (call: KekCall) => calling("generate", call, (c) => generate.call(kek, c)) }),
    ...(rewrap && { rewrap: (recipient: Recipient, call: KekCall) => calling("rewrap", call, (c) => rewrap.call(kek, recipient, c)) }),
    ...(currentVersion && {
      currentVersion: (call: { readonly signal: AbortSignal }) => calling("currentVersion", call, (c) => currentVersion.call(kek, c)),
    }),
    ...(dispose && { [Symbol.dispose]: () => dispose.call(kek) }),
    ...(asyncDispose && { [Symbol.asyncDispose]: () => asyncDispose.call(kek) }),
  };
  return outer as unknown as K;
}
