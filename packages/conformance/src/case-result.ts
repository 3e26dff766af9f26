import { AssertionError } from "node:assert";
import { LetterlockError, type LetterlockErrorCode } from "@letterlock/core";
import type { CaseSettings, ConformanceCase } from "./conformance-case.ts";
import { codeOf } from "./failure.ts";
import type { FidelityEntry } from "./fidelity-manifest.ts";
import type { KekSubject } from "./subject.ts";
import { unprovenReason } from "./unproven.ts";

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly requirement: string;
  readonly outcome: "passed" | "failed" | "unproven";
  /** Why it is unproven, or what the KEK declares that made it pass ("the KEK has no generate"). */
  readonly reason?: string;
  /** The fidelity manifest lists the case. */
  readonly listed: boolean;
  /** Listed, and yet it passed: the entry has to go. */
  readonly stale: boolean;
  /** One line about a failure. It holds nothing that a provider said: no token, no key. */
  readonly explanation?: string;
  /** What the failing call was classified as. */
  readonly code?: LetterlockErrorCode;
  /** What the case rejected with, for a debugger: its `cause` may be the provider's error, and that can hold the request. */
  readonly error?: unknown;
  readonly durationMs: number;
}

/** Runs one case. Rejects only when the run is aborted. */
export async function caseResult(
  subjectCase: ConformanceCase,
  subject: KekSubject,
  settings: CaseSettings,
  entry: FidelityEntry | undefined,
): Promise<CaseResult> {
  const { id, title, requirement } = subjectCase;
  const started = performance.now();
  const found = await outcomeOf(subjectCase, subject, settings);
  const listed = entry !== undefined;
  const same = { id, title, requirement, listed, durationMs: performance.now() - started };
  if (!listed) return { ...same, ...found, stale: false };
  const stale = found.outcome === "passed";
  const reason = stale ? `the case passes now, take it out of the manifest: ${entry.reason}` : `${entry.reason}; instead: ${entry.instead}`;
  return { ...same, ...found, outcome: "unproven", reason, stale };
}

type Found = Pick<CaseResult, "outcome" | "reason" | "explanation" | "code" | "error">;

async function outcomeOf(subjectCase: ConformanceCase, subject: KekSubject, settings: CaseSettings): Promise<Found> {
  const skipped = subjectCase.skip(subject);
  if (skipped !== undefined) return { outcome: "unproven", reason: skipped };
  try {
    const remark = await subjectCase.run(subject, settings);
    return { outcome: "passed", ...(remark !== undefined && { reason: remark }) };
  } catch (error) {
    settings.signal?.throwIfAborted();
    const reason = unprovenReason(error);
    if (reason !== undefined) return { outcome: "unproven", reason };
    const code = codeOf(error);
    return { outcome: "failed", explanation: explanationOf(error), ...(code && { code }), error };
  }
}

/** Messages of the suite and of core are safe to show; anything else was thrown by a member of the subject or by a KEK. */
function explanationOf(error: unknown): string {
  if (error instanceof AssertionError || LetterlockError.is(error)) return error.message.split("\n", 1)[0] ?? "";
  const name = error instanceof Error ? error.name : typeof error;
  return `the subject, or a member of the KEK that must not throw, threw ${name}`;
}
