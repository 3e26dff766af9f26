import type { KekErrorCode } from "@letterlock/core";

/** What an error of a driver means, and what to do about it. */
export interface Explanation {
  readonly code: KekErrorCode;
  readonly advice?: string | undefined;
}

/** One answer of a server that takes longer counts as none. */
export const answerDeadlineMs = 30_000;
export const connectDeadlineMs = 10_000;
