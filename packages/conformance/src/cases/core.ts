import assert from "node:assert/strict";
import { aad, createDataKey, open, openDataKey, seal } from "@letterlock/core";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { requireSame, tenant } from "../specimen.ts";

const message = new TextEncoder().encode("the message of the conformance suite");
const place = aad("conformance", 1);

export const coreCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "core-seal-open",
    title: "seals and opens a message in both suites",
    requirement: "An envelope that core seals under the KEK opens with it, in each suite, with a context and an aad.",
    async run(trial) {
      for (const suite of ["aes-256-gcm", "chacha20-poly1305"] as const) {
        const envelope = await seal(message, [await trial.wrapper()], { suite, context: tenant, aad: place, signal: trial.signal });
        const opened = await open(envelope, [await trial.unwrapper()], { context: tenant, aad: place, signal: trial.signal });
        requireSame(opened, message, `an envelope in ${suite} opened as something else`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-data-key",
    title: "opens a data key and the records under it",
    requirement:
      "A data key that core creates under the KEK opens from its blob, by keyId, and opens the records that were sealed under it.",
    async run(trial) {
      const { key, blob } = await createDataKey([await trial.wrapper()], { context: tenant, signal: trial.signal });
      const record = key.seal(message, { aad: place });
      const { keyId } = key;
      key[Symbol.dispose]();
      const again = await openDataKey(blob, [await trial.unwrapper()], { context: tenant, keyId, signal: trial.signal });
      try {
        assert.ok(again.keyId === keyId, "the data key opened under another keyId");
        requireSame(again.open(record, { aad: place }), message, "a record opened as something else");
      } finally {
        again[Symbol.dispose]();
      }
      return undefined;
    },
  }),
];
