import { describe, test } from "vitest";
import { caseResult } from "./case-result.ts";
import type { CaseSettings, ConformanceCase } from "./conformance-case.ts";
import { conformanceCases } from "./conformance-cases.ts";
import { entriesOf, type FidelityManifest } from "./fidelity-manifest.ts";
import { requireSubject } from "./run-kek.ts";
import type { KekSubject } from "./subject.ts";

export interface TestOptions extends Omit<CaseSettings, "signal"> {
  /** Which cases to register; all by default. */
  readonly select?: ((one: ConformanceCase) => boolean) | undefined;
  readonly manifest?: FidelityManifest | undefined;
  /** What an unproven case that the manifest does not list is: skipped with its reason, which is the default, or failed. Listed ones are skipped. */
  readonly unproven?: "skip" | "fail" | undefined;
  /** Of one test, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Registers one vitest test per case, in a `describe` of its own. The tests run one after the other, because they share the service.
 * A listed case that passes fails its test: the manifest is out of date.
 */
export function testKek(name: string, subject: KekSubject, options: TestOptions = {}): void {
  requireSubject(subject);
  const { select = () => true, manifest = [], unproven = "skip", timeoutMs = 60_000, ...settings } = options;
  const entries = entriesOf(manifest, conformanceCases);
  describe(`${name}: the KEK`, { concurrent: false }, () => {
    for (const one of conformanceCases.filter(select)) {
      test(`${one.title} (${one.id})`, { timeout: timeoutMs }, async (context) => {
        const result = await caseResult(one, subject, settings, entries.get(one.id));
        if (result.outcome === "failed") throw result.error;
        if (result.stale) throw new Error(result.reason);
        if (result.outcome === "passed") return;
        if (unproven === "fail" && !result.listed) throw new Error(`unproven: ${result.reason}`);
        context.skip(`unproven: ${result.reason}`);
      });
    }
  });
}
