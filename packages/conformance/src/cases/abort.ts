import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { capturedCall } from "../captured-call.ts";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { eventually } from "../eventually.ts";
import { failure } from "../failure.ts";
import { operationsOf } from "../kek-operations.ts";
import { settled } from "../settled.ts";
import { newDataKey, recipientOf, requireSame, same, specimen, tenant, unwrap } from "../specimen.ts";
import type { AnyKek, Trial } from "../trial.ts";

export const abortCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "abort-before",
    title: "gives nothing wrong when the call was aborted before",
    requirement:
      "With a signal that has aborted, a call rejects; one that needs no service may also do its work. It never resolves to something else.",
    async run(trial) {
      const one = await specimen(trial);
      const { wrapper, unwrapper } = one;
      const aborted = { ...one.call, signal: AbortSignal.abort(new Error("aborted by the conformance suite")) };
      const dataKey = newDataKey();
      const wrapped = await settled(trial, wrapper, "wrap", () => wrapper.wrap(Uint8Array.from(dataKey), aborted));
      if (wrapped.ok) {
        requireBytes("wrap", wrapped.value?.wrapped);
        requireSame(
          await unwrap(trial, unwrapper, recipientOf(wrapper, wrapped.value), one.call),
          dataKey,
          "an aborted wrap wrapped something else",
        );
      }
      const opened = await settled(trial, unwrapper, "unwrap", () => unwrapper.unwrap(one.recipient, aborted));
      if (opened.ok) {
        requireBytes("unwrap", opened.value);
        requireSame(opened.value, one.dataKey, "an aborted unwrap gave another data key");
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "abort-before-request",
    title: "sends nothing when the call was aborted before",
    requirement: "With a signal that has aborted, no operation reaches the service.",
    needs: [...both, "requests"],
    async run(trial) {
      const one = await specimen(trial);
      const aborted = { ...one.call, signal: AbortSignal.abort(new Error("aborted by the conformance suite")) };
      for (const kek of [await trial.wrapper(), await trial.unwrapper()] as AnyKek[]) {
        for (const { operation, run } of operationsOf(kek, one.recipient, aborted)) {
          await trial.requests();
          await settled(trial, kek, operation, run);
          const requests = await trial.requests();
          assert.ok(requests.length === 0, `${operation} sent ${requests.length} requests although its signal had aborted`);
        }
      }
      return undefined;
    },
  }),
  ending(
    "abort-during",
    "ends a call that is aborted",
    "When the signal aborts while the service does not answer, the call itself rejects soon: the KEK has passed the signal on, so that the request ends too.",
    () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort(new Error("aborted by the conformance suite")) };
    },
  ),
  ending(
    "deadline",
    "ends a call at the caller's deadline",
    "A signal of AbortSignal.timeout ends the call like any other: a time-out of the caller is no reason to try again.",
    () => {
      // Long enough to reach the service first.
      return { signal: AbortSignal.timeout(100), abort: () => undefined };
    },
  ),
  conformanceCase({
    id: "abort-one-of-many",
    title: "ends only the call that is aborted",
    requirement: "Calls share nothing: when one of several is aborted, the others give their own answers. Holds for batches too.",
    async run(trial) {
      const one = await specimen(trial);
      for (const kek of [one.wrapper, await trial.batching()]) {
        if (kek === undefined) continue;
        const controllers = Array.from({ length: 8 }, () => new AbortController());
        const keys = controllers.map(newDataKey);
        const running = controllers.map(({ signal }, index) =>
          settled(trial, kek, "wrap", () => kek.wrap(Uint8Array.from(keys[index] ?? []), { ...one.call, signal })),
        );
        controllers[3]?.abort(new Error("aborted by the conformance suite"));
        for (const [index, result] of (await Promise.all(running)).entries()) {
          if (index === 3) continue;
          if (!result.ok) throw failure(`wrap failed with ${result.code} when another call was aborted`, result.error, result.code);
          const opened = await unwrap(trial, one.unwrapper, recipientOf(kek, result.value), one.call);
          assert.ok(same(opened, keys[index] ?? opened.subarray(1)), "wrap gave the answer of another call when one was aborted");
        }
      }
      return undefined;
    },
  }),
];

function ending(
  id: string,
  title: string,
  requirement: string,
  start: () => { readonly signal: AbortSignal; abort(): void },
): ConformanceCase {
  return conformanceCase({
    id,
    title,
    requirement,
    needs: [...both, "hanging"],
    async run(trial) {
      const { recipient } = await specimen(trial);
      const kek = await trial.special("hanging");
      const names = operationsOf(kek, recipient, await capturedCall({ context: tenant })).map(({ operation }) => operation);
      assert.ok(names.length > 0, "the hanging KEK has no operation");
      for (const name of names) {
        const { signal, abort } = start();
        const call = await capturedCall({ context: tenant, signal });
        const operation = operationsOf(kek, recipient, call).find((each) => each.operation === name);
        if (operation === undefined) continue;
        await trial.subject.requests?.();
        const running = settled(trial, kek, name, operation.run);
        await onItsWay(trial, running);
        abort();
        const result = await running;
        assert.ok(!result.ok, `${name} resolved although the service never answers`);
        assert.ok(signal.aborted, `${name} failed before its signal aborted: the hanging KEK does not hang`);
      }
      return undefined;
    },
  });
}

/** Until the service has the request, or the call has ended without one; a moment, where nobody can tell. */
async function onItsWay(trial: Trial, running: Promise<unknown>): Promise<void> {
  if (trial.subject.requests === undefined) return delay(50);
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  running.then(end, end);
  const sent = await eventually(trial, async () => ended || (await trial.requests()).length > 0 || undefined);
  assert.ok(sent === true, "the request did not reach the service");
}

function requireBytes(operation: string, value: unknown): void {
  assert.ok(value instanceof Uint8Array, `an aborted ${operation} resolved to something else than bytes`);
}
