import assert from "node:assert/strict";
import { capturedCall } from "../captured-call.ts";
import { both, type ConformanceCase, conformanceCase, wrapping } from "../conformance-case.ts";
import { newDataKey, recipientOf, requireOpens, requireSame, same, specimen, tenant, unwrap, wrap } from "../specimen.ts";

export const roundTripCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "round-trip",
    title: "unwraps the data key that it wrapped",
    requirement: "What unwrap returns is, byte for byte, what wrap was given: 32 bytes in a Uint8Array.",
    async run(trial) {
      const one = await specimen(trial);
      await requireOpens(trial, one.unwrapper, one, "than wrap was given");
      await requireOpens(trial, one.unwrapper, one, "the second time");
    },
  }),
  conformanceCase({
    id: "round-trip-every-byte",
    title: "wraps data keys of every byte value",
    requirement: "A data key is bytes, not text: every value from 0 to 255 comes back, also where all bytes are 0 or 255.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context: tenant });
      const ascending = Array.from({ length: 8 }, (_, row) => Uint8Array.from({ length: 32 }, (_, index) => row * 32 + index));
      for (const dataKey of [...ascending, new Uint8Array(32), new Uint8Array(32).fill(255)]) {
        const recipient = recipientOf(wrapper, await wrap(trial, wrapper, dataKey, call));
        const values = `a data key of the bytes ${dataKey[0]} to ${dataKey[31]} came back changed`;
        requireSame(await unwrap(trial, unwrapper, recipient, call), dataKey, values);
      }
    },
  }),
  conformanceCase({
    id: "wrap-not-deterministic",
    title: "wraps the same data key differently each time",
    requirement:
      "Equal wrapped bytes would show that two envelopes share a data key, and a ciphertext that is used again may belong to another data key.",
    needs: wrapping,
    async run(trial) {
      const [wrapper, call, dataKey] = [await trial.wrapper(), await capturedCall({ context: tenant }), newDataKey()];
      const first = await wrap(trial, wrapper, dataKey, call);
      const second = await wrap(trial, wrapper, dataKey, call);
      assert.ok(!same(first.wrapped, second.wrapped), "two wraps of one data key gave the same bytes");
      const other = await wrap(trial, await trial.wrapper(), dataKey, call);
      assert.ok(!same(first.wrapped, other.wrapped), "a second instance wrapped a data key into the same bytes");
    },
  }),
  conformanceCase({
    id: "wrapped-hides-key",
    title: "does not show the data key in what it wrapped",
    requirement: "The 32 bytes of the data key stand nowhere in the wrapped bytes, neither as they are nor as hexadecimal or base64 text.",
    needs: wrapping,
    async run(trial) {
      const [wrapper, call, dataKey] = [await trial.wrapper(), await capturedCall({ context: tenant }), newDataKey()];
      const { wrapped } = await wrap(trial, wrapper, dataKey, call);
      const [seen, key] = [Buffer.from(wrapped), Buffer.from(dataKey)];
      const spellings = [
        key,
        ...(["hex", "base64", "base64url"] as const).map((encoding) => Buffer.from(key.toString(encoding).slice(0, 42))),
      ];
      assert.ok(!spellings.some((spelling) => seen.includes(spelling)), "the wrapped bytes contain the data key");
    },
  }),
  conformanceCase({
    id: "instances",
    title: "shares nothing between instances but the key",
    requirement: "Any instance for a key unwraps what another one wrapped, and instances for two keys do not disturb each other.",
    needs: both,
    async run(trial) {
      const one = await specimen(trial);
      const other = await specimen(trial, { key: "b" });
      await requireOpens(trial, await trial.unwrapper(), one, "in an instance that did not wrap it");
      await requireOpens(trial, await trial.unwrapper("b"), other, "in an instance of key b that did not wrap it");
      await requireOpens(trial, one.unwrapper, one, "after another key was used");
    },
  }),
];
