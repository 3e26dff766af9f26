import { type CaseResult, caseResult } from "./case-result.ts";
import type { CaseSettings, ConformanceCase } from "./conformance-case.ts";
import { conformanceCases } from "./conformance-cases.ts";
import { entriesOf, type FidelityManifest } from "./fidelity-manifest.ts";
import type { KekSubject } from "./subject.ts";

export interface RunOptions extends CaseSettings {
  /** Called after each case, in their order. */
  readonly onResult?: ((result: CaseResult) => void) | undefined;
  /** Which cases to run; all by default. `(one) => !one.changesKey && one.calls === "few"` is right for a key in use. */
  readonly select?: ((one: ConformanceCase) => boolean) | undefined;
  readonly manifest?: FidelityManifest | undefined;
}

export interface KekReport {
  /** In the order of `conformanceCases`. */
  readonly results: readonly CaseResult[];
  readonly passed: number;
  readonly failed: number;
  readonly unproven: number;
  /** How many of the unproven ones passed although the manifest lists them. */
  readonly stale: number;
}

/** Runs the cases one after the other, without any test runner. Rejects with `signal.reason` when it aborts, and with a `RangeError` for a wrong manifest. */
export async function runKek(subject: KekSubject, options: RunOptions = {}): Promise<KekReport> {
  requireSubject(subject);
  const { onResult, select = () => true, manifest = [], ...settings } = options;
  const entries = entriesOf(manifest, conformanceCases);
  const results: CaseResult[] = [];
  for (const one of conformanceCases.filter(select)) {
    settings.signal?.throwIfAborted();
    const result = await caseResult(one, subject, settings, entries.get(one.id));
    results.push(result);
    onResult?.(result);
  }
  const count = (outcome: CaseResult["outcome"]): number => results.filter((result) => result.outcome === outcome).length;
  return {
    results,
    passed: count("passed"),
    failed: count("failed"),
    unproven: count("unproven"),
    stale: results.filter(({ stale }) => stale).length,
  };
}

export function requireSubject({ create, createWrapper, createUnwrapper }: KekSubject): void {
  if (create ?? createWrapper ?? createUnwrapper) return;
  throw new TypeError("the subject must have create, createWrapper or createUnwrapper");
}
