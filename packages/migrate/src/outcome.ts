import type { LetterlockErrorCode } from "@letterlock/core";
import { LetterlockError } from "@letterlock/core";

/** How an object ended. Each ends in exactly one class. */
export type OutcomeClass = "migrated" | "already" | "gone" | "foreign" | "quarantined" | "conflict" | "failed";

export const outcomeClasses: readonly OutcomeClass[] = ["migrated", "already", "gone", "foreign", "quarantined", "conflict", "failed"];

/**
 * What an error says of the object at hand. "quarantined": the object is ours and damaged, or not openable by whom it was given to: another try ends the same way.
 * "failed": the provider or our access to it is in trouble, and the object is as good as it was: try again later.
 */
export const classOfCode: Readonly<Record<LetterlockErrorCode, "quarantined" | "failed">> = {
  malformed: "quarantined",
  "limit-exceeded": "quarantined",
  unsupported: "quarantined",
  "wrong-usage": "quarantined",
  "context-mismatch": "quarantined",
  "no-matching-kek": "quarantined",
  "unknown-key": "quarantined",
  "not-authentic": "quarantined",
  truncated: "quarantined",
  "out-of-range": "quarantined",
  "access-denied": "failed",
  "kek-not-found": "failed",
  "kek-unusable": "failed",
  throttled: "failed",
  unavailable: "failed",
  "provider-error": "failed",
};

export interface Outcome {
  readonly id: string;
  readonly class: OutcomeClass;
  /** Where an error decided: its code; "store" for an error of the store, "not-verified" where what was wrapped for the target did not open again. */
  readonly code?: LetterlockErrorCode | "store" | "not-verified" | undefined;
  /** For people. Never key material or plaintext. */
  readonly reason?: string | undefined;
  /** Migrated inside the provider, so that nobody has opened it with the target yet. */
  readonly unverified?: true | undefined;
}

/** The outcome that an error stands for. `where` says who threw what is not a LetterlockError. */
export function outcomeOfError(id: string, error: unknown): Outcome {
  if (LetterlockError.is(error)) return { id, class: classOfCode[error.code], code: error.code, reason: error.message };
  return { id, class: "failed", code: "store", reason: error instanceof Error ? error.message : String(error) };
}

/** Worth another look in the same run: somebody changed it, or the provider asked for patience, or it could not be read, as what left between list and reading. */
export function isWorthAnotherTry({ class: ending, code }: Outcome, wasRead: boolean): boolean {
  return ending === "conflict" || code === "throttled" || code === "unavailable" || (code === "store" && !wasRead);
}
