import { type Kek, LetterlockError } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type CaseResult, conformanceCases, type KekSubject, runKek } from "../src/index.ts";
import { soundBehaviour } from "./support/fake-kek.ts";
import { FakeServiceError } from "./support/fake-service.ts";
import { fakeSubject, soundMaking } from "./support/fake-subject.ts";

const only = (...ids: string[]) => ({ select: ({ id }: { readonly id: string }) => ids.includes(id) });
const entry = (id: string) => ({ id, reason: "the server is too simple", instead: "it does nothing" });
const deaf = (): KekSubject =>
  fakeSubject({ ...soundMaking, behaviour: { ...soundBehaviour, bindsContext: true, binding: () => new Uint8Array(0) } });

describe("runKek", () => {
  test("reports every case in order, with counts", async () => {
    const seen: CaseResult[] = [];
    const report = await runKek(fakeSubject(), { onResult: (result) => seen.push(result) });
    expect(report).toMatchObject({ passed: conformanceCases.length, failed: 0, unproven: 0, stale: 0 });
    expect(report.results.map(({ id }) => id)).toEqual(conformanceCases.map(({ id }) => id));
    expect(seen).toEqual(report.results);
    for (const { durationMs, title, requirement } of seen) {
      expect(durationMs).toBeGreaterThanOrEqual(0);
      expect(`${title} ${requirement}`).toMatch(/.{40,}\.$/s);
    }
  });

  test("explains a failure in one line, with what the KEK called it", async () => {
    const { results } = await runKek(deaf(), only("context-changed"));
    expect(results[0]).toMatchObject({
      outcome: "failed",
      explanation: "unwrap succeeded although bindsContext is true and a value was changed",
    });
    const denied = fakeSubject().faults?.["access-denied"] as NonNullable<KekSubject["create"]>;
    const refused = await runKek({ create: denied }, only("round-trip"));
    expect(refused.results[0]).toMatchObject({ outcome: "failed", explanation: "wrap failed with access-denied", code: "access-denied" });
    expect(LetterlockError.is(refused.results[0]?.error)).toBe(true);
  });

  test("keeps what a provider or a subject said out of the explanation", async () => {
    const create = (): never => {
      throw new FakeServiceError(403, "token abcdef is not valid");
    };
    const { results } = await runKek({ create }, only("round-trip", "identity"));
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    expect(JSON.stringify(results.map(({ explanation }) => explanation))).not.toContain("abcdef");
  });

  test("says why a case is unproven", async () => {
    const { create } = fakeSubject();
    const { results, unproven } = await runKek({ create: (key) => (key === "a" ? create?.(key) : undefined) });
    const reasons = new Map(results.filter(({ outcome }) => outcome === "unproven").map(({ id, reason }) => [id, reason]));
    expect(reasons.size).toBe(unproven);
    expect(reasons.get("other-key")).toBe("the subject has no key b");
    expect(reasons.get("one-request-wrap")).toBe("the subject has no requests");
    expect(reasons.get("fault-throttled")).toBe('the subject has no faults["throttled"]');
    expect(reasons.get("disabled")).toBe("the subject has no disable");
    expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  });

  test("neither rotates nor disables where cases that change the key are not selected", async () => {
    const never = (): never => {
      throw new Error("the key is in use");
    };
    const subject = { ...fakeSubject(), rotate: never, disable: never, enable: never };
    const { failed, passed } = await runKek(subject, { select: ({ changesKey, calls }) => !changesKey && calls === "few" });
    expect(failed).toBe(0);
    expect(passed).toBeGreaterThan(60);
    expect((await runKek(subject, { select: ({ changesKey }) => changesKey })).passed).toBe(0);
  });

  test("runs what is selected and samples the bytes that it changes", async () => {
    const { requests, ...subject } = fakeSubject();
    await runKek(subject, { ...only("tampered"), tamperedBytes: 5 });
    // Wrap, 5 changed bytes, and once unchanged.
    expect(await requests?.()).toHaveLength(7);
  });

  test("rotates once in a run, and again in the next", async () => {
    const subject = fakeSubject();
    let rotations = 0;
    const counting: KekSubject = {
      ...subject,
      rotate: () => {
        rotations += 1;
        return subject.rotate?.();
      },
    };
    for (const expected of [1, 2]) {
      const { failed } = await runKek(counting, { select: ({ changesKey }) => changesKey });
      expect([failed, rotations]).toEqual([0, expected]);
    }
  });

  test("ends with the reason of an abort, also while a case waits", async () => {
    const reason = new Error("enough");
    await expect(runKek(fakeSubject(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const { create } = fakeSubject();
    const hangs = Promise.withResolvers<never>().promise;
    const subjects: ((started: () => void) => KekSubject)[] = [
      (started) => ({
        create: () => {
          started();
          return hangs;
        },
      }),
      (started) => ({
        create: async (key) => ({
          ...((await create?.(key)) as Kek),
          wrap: () => {
            started();
            return hangs;
          },
        }),
      }),
    ];
    for (const subject of subjects) {
      const controller = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      const running = runKek(subject(resolve), { ...only("round-trip"), signal: controller.signal });
      await promise;
      controller.abort(reason);
      await expect(running).rejects.toBe(reason);
    }
  });

  test("disposes of every KEK when its case is over, the last one first", async () => {
    const subject = fakeSubject();
    const events: string[] = [];
    let made = 0;
    const create: KekSubject["create"] = async (key) => {
      const number = ++made;
      events.push(`made ${number}`);
      const kek = await subject.create?.(key);
      if (kek === undefined) throw new Error("the reference has both keys");
      const dispose = () => void events.push(`disposed of ${number}`);
      return { ...kek, ...(number % 2 === 0 ? { [Symbol.dispose]: dispose } : { [Symbol.asyncDispose]: async () => dispose() }) };
    };
    await runKek({ create }, only("core-rewrap-from-local"));
    expect(events).toEqual(["made 1", "made 2", "disposed of 2", "disposed of 1"]);
  });

  test("refuses a subject that makes no KEK", async () => {
    await expect(runKek({})).rejects.toThrow(TypeError);
  });
});

describe("a fidelity manifest", () => {
  test("turns a failure into unproven, with its reason", async () => {
    const { results, ...counts } = await runKek(deaf(), { ...only("context-changed"), manifest: [entry("context-changed")] });
    expect(counts).toEqual({ passed: 0, failed: 0, unproven: 1, stale: 0 });
    expect(results[0]).toMatchObject({
      outcome: "unproven",
      listed: true,
      stale: false,
      reason: "the server is too simple; instead: it does nothing",
    });
    expect(results[0]?.explanation).toContain("unwrap succeeded");
  });

  test("never turns a case into passed: one that passes is stale", async () => {
    const { results, ...counts } = await runKek(fakeSubject(), { ...only("round-trip"), manifest: [entry("round-trip")] });
    expect(counts).toEqual({ passed: 0, failed: 0, unproven: 1, stale: 1 });
    expect(results[0]).toMatchObject({ outcome: "unproven", listed: true, stale: true });
  });

  test("lists cases that exist, once, with a reason", async () => {
    for (const manifest of [
      [entry("no-such-case")],
      [entry("round-trip"), entry("round-trip")],
      [{ ...entry("round-trip"), reason: "" }],
    ]) {
      await expect(runKek(fakeSubject(), { manifest })).rejects.toThrow(RangeError);
    }
  });
});
