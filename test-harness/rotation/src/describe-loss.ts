import { type Attempt, type Kek, open, rewrap, seal, verify } from "@letterlock/core";
import { sealAtLeast } from "@letterlock/resilience";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type GuardOptions, guardedKeks } from "./guarded-keks.ts";
import type { Line } from "./line.ts";
import { load } from "./load.ts";
import { recipientsOf } from "./stale-recipients.ts";

/** Two KEKs in two places; what is sealed for both opens with either. */
export interface TwoPlaces {
  readonly first: Kek;
  readonly second: Kek;
  /** The way to the first. */
  readonly line: Line;
  /** Both are one key with two names, as multi-Region keys of AWS are: one recipient is enough for both. */
  readonly oneKey?: boolean | undefined;
}

const callers = 8;
const opens = 200;
const perAttemptMs = 400;
/** What a busy machine may add to a time limit. Without limits a lost provider costs 10 seconds with one SDK, and for ever with another. */
const machineMs = 3_000;
/** Nothing is tried again within one test. */
const longMs = 60_000;
const shortMs = 100;

const context = { tenant: "acme" };
const call = { context, aad: "orders/17" };
const message = new TextEncoder().encode("what must stay readable");

export function describeLoss(name: string, start: (started: AsyncDisposableStack) => Promise<TwoPlaces>): void {
  describe(`the loss of one of ${name}`, { timeout: 60_000 }, () => {
    const started = new AsyncDisposableStack();
    let places: TwoPlaces;
    beforeAll(async () => {
      places = await start(started);
    }, 60_000);
    afterEach(comeBack, 60_000);
    afterAll(() => started.disposeAsync(), 60_000);

    const guarded = (options: GuardOptions) => guardedKeks([places.first, places.second], options);
    const sealed = async (): Promise<Uint8Array> =>
      seal(message, places.oneKey === true ? [places.first] : [places.first, places.second], call);

    test.each(["cut", "silence"] as const)("in the middle of a load, by %s, costs each caller one attempt at most", async (how) => {
      const { order, callsToFirst } = guarded({ perAttemptMs, leaveAloneMs: longMs });
      const envelope = await sealed();
      const attempts: number[] = [];
      let slowest = 0;
      let callsBefore = 0;
      await load(opens, callers, async (index) => {
        if (index === opens / 4) {
          callsBefore = callsToFirst.length;
          await places.line[how]();
        }
        const failed: Attempt[] = [];
        const began = performance.now();
        expect(await open(envelope, order(), { ...call, onFailedAttempt: (attempt) => failed.push(attempt) })).toEqual(message);
        slowest = Math.max(slowest, performance.now() - began);
        attempts.push(failed.length);
        expect(failed.every(({ code, keyRef }) => code === "unavailable" && keyRef === places.first.keyRef)).toBe(true);
      });
      expect(callsBefore).toBeGreaterThan(0);
      const lost = callsToFirst.filter(({ ok }) => !ok);
      // Each caller can have one call on its way when the first of them finds out.
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThanOrEqual(callers);
      expect(attempts.filter((count) => count > 0)).toEqual(lost.map(() => 1));
      expect(slowest).toBeLessThan(perAttemptMs + machineMs);
      if (how === "silence") expect(Math.max(...lost.map(({ ms }) => ms))).toBeGreaterThanOrEqual(perAttemptMs - 1);
    });

    test("ends when it is back: the next calls go to it again", async () => {
      const { order, callsToFirst } = guarded({ perAttemptMs, leaveAloneMs: shortMs });
      const envelope = await sealed();
      await places.line.cut();
      expect(await open(envelope, order(), call)).toEqual(message);
      expect(callsToFirst.map(({ ok }) => ok)).toEqual([false]);
      expect(order()[0]?.keyRef).toBe(places.second.keyRef);
      await places.line.mend();
      await vi.waitFor(
        async () => {
          expect(await open(envelope, order(), call)).toEqual(message);
          expect(callsToFirst.at(-1)?.ok).toBe(true);
        },
        { timeout: 30_000, interval: 50 },
      );
      expect(order()[0]?.keyRef).toBe(places.first.keyRef);
    });

    test("does not stop those who must write, and what they wrote is repaired", async () => {
      const { order } = guarded({ perAttemptMs, leaveAloneMs: shortMs });
      await places.line.cut();
      const { envelope, missing } = await written(order);
      await expect(open(envelope, [places.first], call)).rejects.toMatchObject({
        code: places.oneKey === true ? "unavailable" : "no-matching-kek",
      });
      await comeBack();
      const repaired =
        missing === 0 ? envelope : await rewrap(envelope, { from: [places.second], to: [places.first], keep: () => true }, { context });
      expect(recipientsOf(repaired)).toHaveLength(places.oneKey === true ? 1 : 2);
      expect(await verify(repaired, [places.first, places.second], { context })).toMatchObject({ ok: true });
      for (const kek of [places.first, places.second]) expect(await open(repaired, [kek], call)).toEqual(message);
    });

    /** Clients find out at their own pace that their connections are gone. */
    async function comeBack(): Promise<void> {
      await places.line.mend();
      const ask = () => places.first.currentVersion?.({ signal: AbortSignal.timeout(5_000) });
      await vi.waitFor(ask, { timeout: 30_000, interval: 50 });
    }

    async function written(order: () => readonly Kek[]): Promise<{ readonly envelope: Uint8Array; readonly missing: number }> {
      if (places.oneKey === true) return { envelope: await seal(message, [places.second], call), missing: 0 };
      // Sealing is all or nothing, unless somebody asks for less.
      await expect(seal(message, order(), call)).rejects.toMatchObject({ code: "unavailable" });
      const { envelope, missing } = await sealAtLeast(1, message, order(), call);
      expect(missing).toMatchObject([{ keyRef: places.first.keyRef, code: "unavailable" }]);
      return { envelope, missing: missing.length };
    }
  });
}
