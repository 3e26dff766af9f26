import assert from "node:assert/strict";
import type { KekCall, Recipient, Wrapped } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { refused, settled, succeeded } from "../settled.ts";
import { recipientOf, requireOpens, requireSame, requireWrapped, type Specimen, same, specimen, unwrap } from "../specimen.ts";

const absent = "the KEK has no rewrap";

export const rewrapCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "rewrap",
    title: "rewraps without changing the data key",
    requirement:
      "What rewrap returns opens as the same data key under the same context, and is wrapped anew; the recipient that it was given stays as it is and still opens.",
    async run(trial) {
      const one = await specimen(trial);
      const rewrap = rewrapOf(one);
      if (rewrap === undefined) return absent;
      const before = Uint8Array.from(one.recipient.wrapped);
      const rewrapped = await succeeded(trial, one.unwrapper, "rewrap", () => rewrap(Object.freeze({ ...one.recipient }), one.call));
      requireWrapped("rewrap", rewrapped);
      requireSame(one.recipient.wrapped, before, "rewrap changed the bytes that it was given");
      assert.ok(!same(rewrapped.wrapped, before), "rewrap returned the bytes that it was given");
      await requireOpens(trial, one.unwrapper, { ...one, recipient: recipientOf(one.unwrapper, rewrapped) }, "after rewrap");
      await requireOpens(trial, one.unwrapper, one, "from the recipient of before rewrap");
      return undefined;
    },
  }),
  conformanceCase({
    id: "rewrap-binds-context",
    title: "rewraps for the context that it was wrapped for",
    requirement:
      "rewrap does not move a data key to another context. With bindsContext it fails with not-authentic under another one, and what it returns under the right one is bound to it.",
    async run(trial) {
      const one = await specimen(trial);
      const rewrap = rewrapOf(one);
      if (rewrap === undefined) return absent;
      const other = await capturedCall({ context: { tenant: "other" } });
      if (!one.unwrapper.bindsContext) {
        const rewrapped = await settled(trial, one.unwrapper, "rewrap", () => rewrap(one.recipient, other));
        if (!rewrapped.ok)
          throw failure(`rewrap failed with ${rewrapped.code} although bindsContext is false`, rewrapped.error, rewrapped.code);
        requireSame(
          await unwrap(trial, one.unwrapper, recipientOf(one.unwrapper, rewrapped.value), one.call),
          one.dataKey,
          "rewrap changed the data key",
        );
        return undefined;
      }
      const codes = ["not-authentic"] as const;
      await refused(trial, one.unwrapper, "rewrap", () => rewrap(one.recipient, other), { codes, although: "the context is another one" });
      const recipient = recipientOf(one.unwrapper, await succeeded(trial, one.unwrapper, "rewrap", () => rewrap(one.recipient, one.call)));
      const although = "bindsContext is true and it was rewrapped for another context";
      await refused(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(recipient, other), { codes, although });
      return undefined;
    },
  }),
  conformanceCase({
    id: "rewrap-tampered",
    title: "rewraps no ciphertext that was changed",
    requirement:
      "rewrap of changed bytes, or of what another key wrapped, fails with not-authentic instead of making a fresh ciphertext of garbage.",
    async run(trial) {
      const [one, other] = [await specimen(trial), await specimen(trial, { key: "b" })];
      const rewrap = rewrapOf(one);
      if (rewrap === undefined) return absent;
      const changed = Uint8Array.from(one.recipient.wrapped);
      changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
      for (const wrapped of [changed, changed.slice(0, -1), other.recipient.wrapped]) {
        const run = (): Promise<Wrapped> => rewrap({ ...one.recipient, wrapped }, one.call);
        await refused(trial, one.unwrapper, "rewrap", run, { codes: ["not-authentic"], although: "the bytes are not what key a wrapped" });
      }
      return undefined;
    },
  }),
];

function rewrapOf({ unwrapper }: Specimen): ((recipient: Recipient, call: KekCall) => Promise<Wrapped>) | undefined {
  return unwrapper.rewrap?.bind(unwrapper);
}
