import type { LetterlockErrorCode } from "@letterlock/core";
import type { FailureCode } from "./failure.ts";

export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 130;
export type ErrorCode = LetterlockErrorCode | FailureCode;

/** The status of a command that failed on its only object. Of several objects, any failure is 1. */
export const exitStatuses: Readonly<Record<ErrorCode, ExitStatus>> = {
  "io-error": 1,
  changed: 1,
  "not-conforming": 1,
  incomplete: 1,
  unexpected: 1,
  usage: 2,
  exists: 2,
  "wrong-usage": 2,
  "out-of-range": 2,
  malformed: 3,
  "limit-exceeded": 3,
  unsupported: 3,
  "context-mismatch": 3,
  "not-authentic": 3,
  truncated: 3,
  "no-matching-kek": 4,
  "unknown-key": 4,
  "access-denied": 4,
  "kek-not-found": 4,
  "kek-unusable": 4,
  throttled: 5,
  unavailable: 5,
  "provider-error": 5,
  interrupted: 130,
};
