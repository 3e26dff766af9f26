import assert from "node:assert/strict";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase, wrapping } from "../conformance-case.ts";
import { settled, succeeded } from "../settled.ts";
import { newDataKey, recipientOf, requireSame, requireWrapped, same, specimen, tenant, unwrap, wrap } from "../specimen.ts";

export const bufferCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "inputs-unchanged",
    title: "leaves what it was given as it was",
    requirement:
      "The data key, the associated data and the wrapped bytes belong to the caller: the KEK changes none of them, not even later.",
    async run(trial) {
      const { recipient, unwrapper, wrapper } = await specimen(trial);
      const call = await capturedCall({ context: tenant });
      const dataKey = newDataKey();
      const given = [dataKey, call.associatedData, recipient.wrapped];
      const before = given.map((bytes) => Uint8Array.from(bytes));
      await succeeded(trial, wrapper, "wrap", () => wrapper.wrap(dataKey, call));
      await succeeded(trial, unwrapper, "unwrap", () => unwrapper.unwrap(Object.freeze({ ...recipient }), call));
      await wrap(trial, wrapper, newDataKey(), call);
      await new Promise((resolve) => setImmediate(resolve));
      const names = ["the data key", "call.associatedData", "recipient.wrapped"];
      for (const [index, bytes] of given.entries()) requireSame(bytes, before[index] ?? bytes, `the KEK changed ${names[index]}`);
      return undefined;
    },
  }),
  conformanceCase({
    id: "data-key-not-kept",
    title: "keeps no reference to the data key",
    requirement:
      "Core zeroes the data key when wrap has settled: what was wrapped, and what is wrapped later, does not depend on that buffer any more.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context: tenant });
      const [first, second] = [newDataKey(), newDataKey()];
      const given = Uint8Array.from(first);
      const wrapped = await succeeded(trial, wrapper, "wrap", () => wrapper.wrap(given, call));
      given.fill(0);
      const later = recipientOf(wrapper, await wrap(trial, wrapper, second, call));
      requireSame(
        await unwrap(trial, unwrapper, recipientOf(wrapper, wrapped), call),
        first,
        "a data key changed after its buffer was zeroed",
      );
      requireSame(await unwrap(trial, unwrapper, later, call), second, "a data key depends on the buffer of the one before");
      return undefined;
    },
  }),
  conformanceCase({
    id: "results-own-buffers",
    title: "returns buffers of its own",
    requirement:
      "Core zeroes what unwrap returns, and keeps what wrap returns: neither is a buffer that the KEK uses again or hands out twice.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context: tenant });
      const keys = [newDataKey(), newDataKey()];
      const wrapped = [];
      for (const dataKey of keys) wrapped.push(await succeeded(trial, wrapper, "wrap", () => wrapper.wrap(Uint8Array.from(dataKey), call)));
      const opened: Uint8Array[] = [];
      for (const one of wrapped) {
        requireWrapped("wrap", one);
        opened.push(await succeeded(trial, unwrapper, "unwrap", () => unwrapper.unwrap(recipientOf(wrapper, one), call)));
      }
      for (const [index, dataKey] of keys.entries()) {
        requireSame(opened[index] ?? dataKey.subarray(1), dataKey, "a later call changed what an earlier one returned");
      }
      for (const bytes of opened) bytes.fill(0);
      for (const [index, one] of wrapped.entries()) {
        const again = await unwrap(trial, unwrapper, recipientOf(wrapper, one), call);
        requireSame(again, keys[index] ?? again.subarray(1), "unwrap gave another data key after its last result was zeroed");
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "views",
    title: "reads exactly the bytes of a view",
    requirement:
      "A Uint8Array may be a part of a larger buffer, as the wrapped bytes of a parsed header are: the bytes around it are not read, sent or wrapped.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context: tenant });
      const dataKey = newDataKey();
      const viewed = { ...call, associatedData: inside(call.associatedData) };
      const wrapped = await succeeded(trial, wrapper, "wrap", () => wrapper.wrap(inside(dataKey), viewed));
      requireWrapped("wrap", wrapped);
      const recipient = recipientOf(wrapper, { ...wrapped, wrapped: inside(wrapped.wrapped) });
      requireSame(await unwrap(trial, unwrapper, recipient, viewed), dataKey, "views of larger buffers gave another data key");
      requireSame(
        await unwrap(trial, unwrapper, recipient, call),
        dataKey,
        "associated data in a larger buffer was bound as something else",
      );
      return undefined;
    },
  }),
  conformanceCase({
    id: "wrong-length",
    title: "neither pads nor cuts what it wraps",
    requirement:
      "Core wraps 32 bytes. A KEK may refuse another length; if it takes it, those bytes and no others come back, so that core can refuse them.",
    async run(trial) {
      const { wrapper, unwrapper } = await trial.pair();
      const call = await capturedCall({ context: tenant });
      for (const length of [16, 31, 33, 64]) {
        const secret = crypto.getRandomValues(new Uint8Array(length));
        const wrapped = await settled(trial, wrapper, "wrap", () => wrapper.wrap(Uint8Array.from(secret), call));
        if (!wrapped.ok) continue;
        const opened = await settled(trial, unwrapper, "unwrap", () => unwrapper.unwrap(recipientOf(wrapper, wrapped.value), call));
        assert.ok(!opened.ok || same(opened.value, secret), `${length} bytes were wrapped, and something else came back`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "wrapped-fits-header",
    title: "wraps into what a header can hold",
    requirement: "wrapped is 1 to 2048 bytes, keyVersion is undefined or 1 to 255 visible ASCII characters.",
    needs: wrapping,
    async run(trial) {
      const wrapper = await trial.wrapper();
      const wrapped = await succeeded(trial, wrapper, "wrap", async () =>
        wrapper.wrap(newDataKey(), await capturedCall({ context: tenant })),
      );
      requireWrapped("wrap", wrapped);
      return undefined;
    },
  }),
];

/** The same bytes in the middle of a larger buffer. */
function inside(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 48).fill(0xa5);
  larger.set(bytes, 17);
  return larger.subarray(17, 17 + bytes.length);
}
