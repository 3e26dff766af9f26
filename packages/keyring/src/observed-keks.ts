import { aroundKek, type Kek, kekErrorCode, type LetterlockErrorCode } from "@letterlock/core";

/** What this process knows of a KEK from its own calls. Times are milliseconds since 1970. */
export interface KekStatus {
  readonly provider: string;
  readonly keyRef: string;
  /** As `currentVersion` said it last; undefined when it was not asked, or does not tell. */
  readonly version: string | undefined;
  readonly lastSuccess: number | undefined;
  readonly lastFailure: { readonly at: number; readonly code: LetterlockErrorCode } | undefined;
  /** Since when every call has found it throttled or unavailable; undefined when the last one found an answer. */
  readonly awaySince: number | undefined;
}

export interface ObservedKek {
  readonly kek: Kek;
  status(): KekStatus;
}

/** The KEK, observed. */
export function observed(inner: Kek): ObservedKek {
  let version: string | undefined;
  let lastSuccess: number | undefined;
  let lastFailure: KekStatus["lastFailure"];
  let awaySince: number | undefined;
  const kek = aroundKek(inner, async (operation, call, run) => {
    const began = Date.now();
    try {
      const result = await run();
      lastSuccess = Date.now();
      awaySince = undefined;
      if (operation === "currentVersion") version = typeof result === "string" ? result : undefined;
      return result;
    } catch (error) {
      if (call.signal.aborted && !isTimeout(call.signal.reason)) throw error;
      const code = kekErrorCode(inner, error);
      lastFailure = { at: Date.now(), code };
      awaySince = code === "throttled" || code === "unavailable" ? (awaySince ?? began) : undefined;
      throw error;
    }
  });
  const { provider, keyRef } = inner;
  return { kek, status: () => ({ provider, keyRef, version, lastSuccess, lastFailure, awaySince }) };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}
