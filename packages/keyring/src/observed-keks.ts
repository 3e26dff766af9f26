import { aroundKek, type Kek, kekErrorCode, type LetterlockErrorCode } from "@letterlock/core";
import { isTimeout } from "./until-aborted.ts";

/** What this process knows of a KEK from its own calls. Times are milliseconds since 1970. */
export interface KekStatus {
  readonly provider: string;
  readonly keyRef: string;
  /** As `currentVersion` or a wrapped key said it last; undefined when none did, or the provider does not tell. */
  readonly version: string | undefined;
  readonly lastSuccess: number | undefined;
  readonly lastFailure: { readonly at: number; readonly code: LetterlockErrorCode } | undefined;
  /** Since when every call has found it throttled or unavailable; undefined when the last one found an answer. A version that it tells ends only what a question for one began. */
  readonly awaySince: number | undefined;
}

export interface ObservedKek {
  readonly kek: Kek;
  status(): KekStatus;
  /** The first that it said to this process. */
  firstVersion(): string | undefined;
  /** How many calls about keys found an answer. */
  answers(): number;
}

/** The KEK, observed. A call that our own time limit ended is a failure of the provider; one that the caller ended says nothing. */
export function observed(inner: Kek): ObservedKek {
  let firstVersion: string | undefined;
  let version: string | undefined;
  let answers = 0;
  let lastSuccess: number | undefined;
  let lastFailure: KekStatus["lastFailure"];
  let awaySince: number | undefined;
  let isAwayForKeys = false;
  const answered = (isAboutKeys: boolean): void => {
    if (isAwayForKeys && !isAboutKeys) return;
    awaySince = undefined;
    isAwayForKeys = false;
  };
  const kek = aroundKek(inner, async (operation, { signal }, run) => {
    const began = Date.now();
    const isAboutKeys = operation !== "currentVersion";
    const failed = (code: LetterlockErrorCode): void => {
      lastFailure = { at: Date.now(), code };
      if (code === "throttled" || code === "unavailable") {
        awaySince ??= began;
        isAwayForKeys ||= isAboutKeys;
      } else answered(isAboutKeys);
    };
    // A KEK that does not care for its signal would never tell.
    const onAbort = (): void => {
      if (isTimeout(signal.reason)) failed("unavailable");
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const result = await run();
      if (signal.aborted) return result;
      if (isAboutKeys) answers += 1;
      lastSuccess = Date.now();
      answered(isAboutKeys);
      version = versionIn(result) ?? version;
      firstVersion ??= version;
      return result;
    } catch (error) {
      if (!signal.aborted) failed(kekErrorCode(inner, error));
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  });
  const { provider, keyRef } = inner;
  return {
    kek,
    status: () => ({ provider, keyRef, version, lastSuccess, lastFailure, awaySince }),
    firstVersion: () => firstVersion,
    answers: () => answers,
  };
}

/** Of `currentVersion`, or of a wrapped key. A key that was unwrapped has none. */
function versionIn(result: unknown): string | undefined {
  if (typeof result === "string") return result;
  const version = (result as { readonly keyVersion?: unknown } | undefined)?.keyVersion;
  return typeof version === "string" ? version : undefined;
}
