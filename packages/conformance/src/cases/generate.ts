import assert from "node:assert/strict";
import { type KekCall, open, seal } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { refused, settled, succeeded } from "../settled.ts";
import { recipientOf, requireOpens, requireSame, requireWrapped, type Specimen, same, tenant, unwrap } from "../specimen.ts";
import type { Trial } from "../trial.ts";

const absent = "the KEK has no generate";

export const generateCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "generate",
    title: "generates data keys that it unwraps",
    requirement: "generate returns 32 bytes of data key and what unwrap makes the same bytes of; core seals with it and opens.",
    async run(trial) {
      const one = await generated(trial, await capturedCall({ context: tenant }));
      if (one === undefined) return absent;
      await requireOpens(trial, one.unwrapper, one, "than generate returned");
      const message = new TextEncoder().encode("sealed under a generated data key");
      const envelope = await seal(message, [one.wrapper], { context: tenant, signal: trial.signal });
      requireSame(
        await open(envelope, [one.unwrapper], { context: tenant, signal: trial.signal }),
        message,
        "a message under a generated data key opened as something else",
      );
      return undefined;
    },
  }),
  conformanceCase({
    id: "generate-fresh",
    title: "generates another data key each time, in a buffer of its own",
    requirement: "Every data key is new, and core zeroes it: neither a later call nor what was wrapped depends on the buffer.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const generate = wrapper.generate?.bind(wrapper);
      if (generate === undefined) return absent;
      const call = await capturedCall({ context: tenant });
      const made = [];
      for (let count = 0; count < 3; count++) made.push(await succeeded(trial, wrapper, "generate", () => generate(call)));
      const keys = made.map(({ dataKey }) => Uint8Array.from(dataKey));
      const [first, second, third] = keys as [Uint8Array, Uint8Array, Uint8Array];
      assert.ok(
        !same(first, second) && !same(second, third) && !same(first, third),
        "generate returned a data key twice, or one buffer for two",
      );
      assert.ok(!keys.some((key) => key.every((byte) => byte === key[0])), "generate returned 32 equal bytes");
      for (const { dataKey } of made) dataKey.fill(0);
      for (const [index, one] of made.entries()) {
        const opened = await unwrap(trial, unwrapper, recipientOf(wrapper, one), call);
        requireSame(opened, keys[index] ?? opened.subarray(1), "a generated data key changed after its buffer was zeroed");
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "generate-binds-context",
    title: "binds a generated data key exactly as it declares",
    requirement:
      "generate binds the context as wrap does: with bindsContext, what it made does not open under another one; without, it does.",
    async run(trial) {
      const one = await generated(trial, await capturedCall({ context: tenant }));
      if (one === undefined) return absent;
      for (const context of [{ tenant: "other" }, {}]) {
        const call = await capturedCall({ context });
        const run = (): Promise<Uint8Array> => one.unwrapper.unwrap(one.recipient, call);
        if (one.unwrapper.bindsContext) {
          const although = "bindsContext is true and generate was called for another context";
          await refused(trial, one.unwrapper, "unwrap", run, { codes: ["not-authentic"], although });
          continue;
        }
        const opened = await settled(trial, one.unwrapper, "unwrap", run);
        if (!opened.ok) throw failure(`unwrap failed with ${opened.code} although bindsContext is false`, opened.error, opened.code);
        requireSame(opened.value, one.dataKey, "a generated data key came back changed under another context");
      }
      return undefined;
    },
  }),
];

async function generated(trial: Trial, call: KekCall): Promise<Specimen | undefined> {
  const { wrapper, unwrapper } = await trial.pair();
  const generate = wrapper.generate?.bind(wrapper);
  if (generate === undefined) return undefined;
  const made = await succeeded(trial, wrapper, "generate", () => generate(call));
  requireWrapped("generate", made);
  assert.ok(made.dataKey instanceof Uint8Array && made.dataKey.length === 32, "generate did not return a data key of 32 bytes");
  return { dataKey: Uint8Array.from(made.dataKey), call, recipient: recipientOf(wrapper, made), wrapper, unwrapper };
}
