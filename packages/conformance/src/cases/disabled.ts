import assert from "node:assert/strict";
import { LetterlockError, open, seal } from "@letterlock/core";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { eventually } from "../eventually.ts";
import { failure } from "../failure.ts";
import { settled } from "../settled.ts";
import { recipientOf, requireOpens, requireSame, type Specimen, specimen, tenant, wrap } from "../specimen.ts";
import type { Trial } from "../trial.ts";

const needs = [...both, "disable", "enable"] as const;
const changesKey = true;

export const disabledCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "disabled",
    title: "fails with kek-unusable while its key is disabled",
    requirement:
      "While the key is disabled, unwrap and rewrap of what was wrapped before fail with kek-unusable, also through core. wrap and generate fail with it too, or work where the service lets them.",
    needs,
    changesKey,
    async run(trial) {
      const one = await specimen(trial);
      const envelope = await seal(new Uint8Array(1), [one.wrapper], { context: tenant, signal: trial.signal });
      await whileDisabled(trial, one, async () => {
        const { wrapper, unwrapper, call, recipient } = one;
        const rewrapped = await settled(trial, unwrapper, "rewrap", async () => unwrapper.rewrap?.(recipient, call));
        if (unwrapper.rewrap !== undefined) requireUnusable("rewrap", rewrapped);
        const wrapped = await settled(trial, wrapper, "wrap", () => wrapper.wrap(Uint8Array.from(one.dataKey), call));
        if (!wrapped.ok) requireUnusable("wrap", wrapped);
        const generated = await settled(trial, wrapper, "generate", async () => wrapper.generate?.(call));
        if (!generated.ok) requireUnusable("generate", generated);
        const error = await open(envelope, [unwrapper], { context: tenant, signal: trial.signal }).then(
          () => failure("an envelope opened although its key is disabled"),
          (reason: unknown) => reason,
        );
        assert.ok(LetterlockError.is(error), "an envelope opened although its key is disabled");
        assert.ok(error.code === "kek-unusable", `opening an envelope failed with ${error.code} instead of kek-unusable`);
      });
      return undefined;
    },
  }),
  conformanceCase({
    id: "enabled-again",
    title: "works again when its key is enabled",
    requirement:
      "Nothing of the time when the key was disabled is remembered: the same instance unwraps and wraps again, and so does a new one.",
    needs,
    changesKey,
    async run(trial) {
      const one = await specimen(trial);
      await whileDisabled(trial, one, async () => undefined);
      await requireOpens(trial, one.unwrapper, one, "after its key was enabled again");
      await requireOpens(trial, await trial.unwrapper(), one, "in a new instance after its key was enabled again");
      const recipient = recipientOf(one.wrapper, await wrap(trial, one.wrapper, one.dataKey, one.call));
      await requireOpens(trial, one.unwrapper, { ...one, recipient }, "when wrapped after its key was enabled again");
      return undefined;
    },
  }),
];

/** Leaves the key as it was, and waits until that is so, whatever happens in between. */
async function whileDisabled(trial: Trial, one: Specimen, check: () => Promise<void>): Promise<void> {
  try {
    await trial.subject.disable?.();
    const refused = await eventually(trial, async () => {
      const opened = await settled(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(one.recipient, one.call));
      return opened.ok ? undefined : opened;
    });
    assert.ok(refused !== undefined, "unwrap still works although the key is disabled");
    requireUnusable("unwrap", refused);
    await check();
  } finally {
    await trial.subject.enable?.();
    await enabled(trial, one);
  }
}

async function enabled(trial: Trial, one: Specimen): Promise<void> {
  const opened = await eventually(trial, async () => {
    const result = await settled(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(one.recipient, one.call));
    if (!result.ok) requireUnusable("unwrap", result);
    return result.ok ? result : undefined;
  });
  assert.ok(opened?.ok === true, "unwrap still fails although the key is enabled again");
  requireSame(opened.value, one.dataKey, "unwrap gave another data key after its key was enabled again");
}

function requireUnusable(operation: string, result: Awaited<ReturnType<typeof settled>>): void {
  assert.ok(!result.ok, `${operation} works although the key is disabled`);
  if (result.code === "kek-unusable") return;
  throw failure(`${operation} failed with ${result.code} instead of kek-unusable when the key is disabled`, result.error, result.code);
}
