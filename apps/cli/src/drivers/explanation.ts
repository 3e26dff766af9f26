import type { KekErrorCode } from "@letterlock/core";

/** What an error of a driver means, and what to do about it. */
export interface Explanation {
  /** "wrong-usage": the server is well, and what names it or something on it has to be changed. Waiting does not help. */
  readonly code: KekErrorCode | "wrong-usage";
  readonly advice?: string | undefined;
}

/** One answer of a server that takes longer counts as none. */
export const answerDeadlineMs = 30_000;
export const connectDeadlineMs = 10_000;
