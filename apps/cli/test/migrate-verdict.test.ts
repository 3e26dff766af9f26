import { type Books, type OutcomeClass, outcomeClasses } from "@letterlock/migrate";
import { describe, expect, it } from "vitest";
import { errorReport } from "../src/error-report.ts";
import { plannedTotal, totalLines } from "../src/migrate/planned-total.ts";
import { statedEstimate } from "../src/migrate/stated-estimate.ts";
import { combined, troubleOfBooks, troubleOfProbes } from "../src/migrate/verdict.ts";

function booksOf(
  counts: Partial<Record<OutcomeClass, number>>,
  codes: Readonly<Record<string, number>>,
  accepted: readonly string[] = [],
): Books {
  const classes = Object.fromEntries(outcomeClasses.map((one) => [one, counts[one] ?? 0])) as Record<OutcomeClass, number>;
  const scanned = outcomeClasses.reduce((sum, one) => sum + classes[one], 0);
  const ok = (["foreign", "quarantined", "conflict", "failed"] as const).every((one) => classes[one] === 0 || accepted.includes(one));
  return { scanned, classes, codes, unverified: 0, bytes: 0, exceptions: [], ok };
}

describe("the verdict on books", () => {
  it.each<[string, Parameters<typeof booksOf>, number]>([
    ["5 where a provider was away", [{ migrated: 9, failed: 3 }, { unavailable: 3 }], 5],
    ["5 where it was away and throttled", [{ failed: 3 }, { unavailable: 1, throttled: 2 }], 5],
    ["4 where a permission is missing", [{ failed: 1 }, { "access-denied": 1 }], 4],
    ["4 where nobody opens what is there", [{ quarantined: 2 }, { "no-matching-kek": 2 }], 4],
    ["3 where objects are damaged", [{ quarantined: 2 }, { truncated: 1, "not-authentic": 1 }], 3],
    ["1 where a store failed", [{ failed: 1 }, { store: 1 }], 1],
    ["1 where a provider wrapped something else", [{ failed: 1 }, { "not-verified": 1 }], 1],
    ["1 for something foreign", [{ foreign: 1 }, {}], 1],
    ["1 for a conflict", [{ conflict: 1 }, {}], 1],
    [
      "1 for two kinds of trouble",
      [
        { failed: 1, quarantined: 1 },
        { unavailable: 1, truncated: 1 },
      ],
      1,
    ],
    ["1 for trouble with and without a code", [{ failed: 1, conflict: 1 }, { unavailable: 1 }], 1],
    ["5 where all other trouble is accepted", [{ failed: 1, quarantined: 4 }, { unavailable: 1, truncated: 4 }, ["quarantined"]], 5],
  ])("is %s", (_, [counts, codes, accepted = []], status) => {
    const trouble = troubleOfBooks(booksOf(counts, codes, accepted), accepted as OutcomeClass[]);
    expect(errorReport(trouble).exitStatus).toBe(status);
  });

  it("is none where nothing but accepted classes is in the way", () => {
    expect(troubleOfBooks(booksOf({ migrated: 1, already: 1, gone: 1 }, {}), [])).toBeUndefined();
    expect(troubleOfBooks(booksOf({ foreign: 7 }, {}, ["foreign"]), ["foreign"])).toBeUndefined();
  });

  it("counts what is in the way, and nothing that was accepted", () => {
    const trouble = troubleOfBooks(booksOf({ foreign: 7, conflict: 1200 }, {}, ["foreign"]), ["foreign"]);
    expect(trouble?.message).toBe("1,200 conflict (somebody else changes them: run again)");
  });
});

describe("the verdict on a store of which nothing is of Letterlock", () => {
  const question = 'is column "ssn" the right one?';
  const said = (counts: Parameters<typeof booksOf>[0], asked?: string): string | undefined =>
    troubleOfBooks(booksOf(counts, {}), [], asked)?.message;

  it("asks whether it is the right place, and not to accept everything", () => {
    expect(said({ foreign: 2000 }, question)).toBe(`2,000 foreign (nothing here is of Letterlock: ${question})`);
    expect(troubleOfBooks(booksOf({ foreign: 7 }, {}, ["foreign"]), ["foreign"], question)).toBeUndefined();
  });

  it.each([
    ["one object is", { foreign: 7, already: 1 }, question],
    ["nobody knows what was asked for", { foreign: 7 }, undefined],
  ])("does not where %s", (_what, counts, asked) => {
    expect(said(counts, asked)).toBe("7 foreign (not of Letterlock: --accept foreign where such things lie there)");
  });
});

describe("the verdict on probes", () => {
  const probe = { provider: "acme", keyRef: "key", operation: "wrap", ok: true, code: undefined, reason: undefined } as const;

  it("is that of the code, 1 where there are several kinds, and none where all went through", () => {
    expect(troubleOfProbes([probe])).toBeUndefined();
    const denied = { ...probe, ok: false, code: "access-denied" } as const;
    const away = { ...probe, ok: false, code: "unavailable" } as const;
    expect(errorReport(troubleOfProbes([probe, denied])).exitStatus).toBe(4);
    expect(errorReport(troubleOfProbes([denied, away])).exitStatus).toBe(1);
  });
});

describe("the status of several stores", () => {
  it.each([
    [[0, 0], 0],
    [[0, 5], 5],
    [[5, 5], 5],
    [[4, 5], 1],
    [[5, 130], 130],
    [[], 0],
  ] as const)("of %j is %d", (statuses, status) => {
    expect(combined(statuses)).toBe(status);
  });
});

describe("the estimate at the rates of the configuration", () => {
  const calls = [
    { provider: "acme", keyRef: "old", unwrap: 1000, wrap: 0 },
    { provider: "acme", keyRef: "new", unwrap: 1000, wrap: 1000 },
    { provider: "other", keyRef: "new", unwrap: 1000, wrap: 1000 },
  ];
  const rate = (quota: string, per10000?: number) => ({ quota, perSecond: 100, burst: 1, per10000 });

  it("adds up what keys of one quota wait for each other", () => {
    expect(statedEstimate(calls, ({ provider }) => rate(provider)).seconds).toBe(30);
    expect(statedEstimate(calls, ({ provider, keyRef }) => rate(`${provider} ${keyRef}`)).seconds).toBe(20);
  });

  it("prices the calls whose price is stated", () => {
    expect(statedEstimate(calls, ({ provider }) => (provider === "acme" ? rate("acme", 0.5) : undefined)).cost).toBeCloseTo(0.15);
    expect(statedEstimate(calls, () => undefined)).toEqual({ calls, seconds: undefined, cost: undefined });
  });

  it("adds up what several stores ask of one key, and what keys of one quota do", () => {
    const none = { calls: [], seconds: undefined, cost: undefined };
    const one = { estimate: { calls, seconds: undefined, cost: undefined }, later: { verify: none, finish: none } };
    const total = plannedTotal([one, one], ({ provider }) => rate(provider, 0.5));
    expect(total.run).toEqual({ calls: calls.map((of) => ({ ...of, wrap: 2 * of.wrap, unwrap: 2 * of.unwrap })), seconds: 60, cost: 0.5 });
    expect(totalLines(total)).toEqual(["  takes          in all at least 1 min 0 s at the stated rates, 0.50 at the stated prices"]);
  });
});
