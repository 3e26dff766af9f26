import type { KekSubject } from "./subject.ts";
import { type Trial, trial } from "./trial.ts";

/** One requirement on a KEK. */
export interface ConformanceCase {
  /** Stable: what manifests and reports name. */
  readonly id: string;
  /** Finishes the sentence "the KEK ...". */
  readonly title: string;
  /** What is required, why, and of whom, in a few sentences. */
  readonly requirement: string;
  /** "many": tens or hundreds of calls to the service, most of which may be refused. */
  readonly calls: "few" | "many";
  /** The case rotates or disables key a. The others wrap and unwrap and leave nothing behind: they are safe on a key in use. */
  readonly changesKey: boolean;
  /** Why the case cannot run on this subject. */
  skip(subject: KekSubject): string | undefined;
  /** Rejects where the requirement is not met. Resolves to a remark where the KEK has declared that it does not apply. */
  run(subject: KekSubject, settings?: CaseSettings): Promise<string | undefined>;
}

/** The same object for all cases of one run: what costs the service most, such as a rotation, is then shared. */
export interface CaseSettings {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which a call settles, an abort ends it, and a rotation, disabling or enabling takes effect. 10,000 by default. */
  readonly patienceMs?: number | undefined;
  /** How many bytes of a wrapped key the tampering case changes, one at a time, spread over it. All of them by default. */
  readonly tamperedBytes?: number | undefined;
}

interface Definition {
  readonly id: string;
  readonly title: string;
  readonly requirement: string;
  readonly calls?: "many";
  readonly changesKey?: true;
  /** The members that the case needs, and alternatives of which one is enough. */
  readonly needs?: readonly (keyof KekSubject | readonly (keyof KekSubject)[])[];
  readonly skip?: (subject: KekSubject) => string | undefined;
  readonly run: (trial: Trial) => Promise<string | undefined>;
}

const wraps = ["create", "createWrapper"] as const;
const unwraps = ["create", "createUnwrapper"] as const;

/** What a case that wraps and unwraps needs. */
export const both: readonly (readonly (keyof KekSubject)[])[] = [wraps, unwraps];
export const wrapping: readonly (readonly (keyof KekSubject)[])[] = [wraps];

export function conformanceCase(definition: Definition): ConformanceCase {
  const { id, title, requirement, calls = "few", changesKey = false, needs = both } = definition;
  return Object.freeze({
    id,
    title,
    requirement,
    calls,
    changesKey,
    skip(subject: KekSubject) {
      for (const need of needs) {
        const names = typeof need === "string" ? [need] : need;
        if (names.every((name) => subject[name] === undefined)) return `the subject has no ${names.join(" or ")}`;
      }
      return definition.skip?.(subject);
    },
    async run(subject: KekSubject, settings: CaseSettings = {}) {
      await using running = trial(subject, settings);
      return await definition.run(running);
    },
  });
}
