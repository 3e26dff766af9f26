import assert from "node:assert/strict";
import {
  type Attempt,
  aad,
  createDataKey,
  createIntermediateKek,
  intermediateKek,
  type Kek,
  LetterlockError,
  localKek,
  open,
  openDataKey,
  rewrap,
  seal,
  verify,
} from "@letterlock/core";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { standIn } from "../kek-identity.ts";
import { newDataKey, requireSame, tenant } from "../specimen.ts";

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
      using again = await openDataKey(blob, [await trial.unwrapper()], { context: tenant, keyId, signal: trial.signal });
      requireSame(again.open(record, { aad: place }), message, "a record opened as something else");
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-intermediate",
    title: "carries an intermediate KEK",
    requirement: "A key-encryption key that is wrapped under the KEK opens data keys: the call then has usage kek, and a depth above 1.",
    async run(trial) {
      const { keyId, blob } = await createIntermediateKek([await trial.wrapper()], { context: tenant, signal: trial.signal });
      using kek = intermediateKek({ keyId, blob, keks: [await trial.unwrapper()], context: tenant, maxAgeMs: 60_000 });
      const envelope = await seal(message, [kek], { context: { of: "another" }, signal: trial.signal });
      requireSame(
        await open(envelope, [kek], { context: { of: "another" }, signal: trial.signal }),
        message,
        "an envelope under an intermediate KEK opened as something else",
      );
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-rewrap-to-local",
    title: "hands an envelope over to another provider",
    requirement: "rewrap from the KEK to a local one: the data key is unwrapped here, and the local KEK opens the envelope.",
    async run(trial) {
      const [unwrapper, local] = [await trial.unwrapper(), newLocalKek("conformance")];
      const options = { context: tenant, signal: trial.signal };
      const envelope = await seal(message, [await trial.wrapper()], options);
      const moved = await rewrap(envelope, { from: [unwrapper], to: [local] }, options);
      requireSame(await open(moved, [local], options), message, "a rewrapped envelope opened as something else");
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-rewrap-from-local",
    title: "takes an envelope over from another provider",
    requirement: "rewrap from a local KEK to this one: it opens the envelope, whose payload and data key are the same.",
    async run(trial) {
      const local = newLocalKek("conformance");
      const options = { context: tenant, signal: trial.signal };
      const envelope = await seal(message, [local], options);
      const moved = await rewrap(envelope, { from: [local], to: [await trial.wrapper()] }, options);
      requireSame(await open(moved, [await trial.unwrapper()], options), message, "a rewrapped envelope opened as something else");
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-verify",
    title: "finds the damaged recipient with verify",
    requirement:
      "verify reports ok for a recipient of the KEK that opens, and not-authentic for one whose wrapped was damaged, while another recipient still opens.",
    async run(trial) {
      const [wrapper, unwrapper, local] = [await trial.wrapper(), await trial.unwrapper(), newLocalKek("conformance")];
      const options = { context: tenant, signal: trial.signal };
      const sound = await verify(await seal(message, [local, wrapper], options), [unwrapper, local], { ...options, payload: { aad: "" } });
      assert.ok(sound.ok, `verify reported ${sound.recipients.map(({ status }) => status).join(", ")} for a sound envelope`);
      const damaging = standIn(wrapper, async (dataKey, call) => {
        const { wrapped, keyVersion } = await wrapper.wrap(dataKey, call);
        const damaged = Uint8Array.from(wrapped);
        damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
        return { wrapped: damaged, keyVersion };
      });
      const report = await verify(await seal(message, [damaging, local], options), [unwrapper, local], options);
      const status = (keyRef: string): string | undefined => report.recipients.find((each) => each.keyRef === keyRef)?.status;
      assert.ok(status(unwrapper.keyRef) === "not-authentic", `verify reported ${status(unwrapper.keyRef)} for the damaged recipient`);
      assert.ok(status(local.keyRef) === "ok", `verify reported ${status(local.keyRef)} for the sound recipient beside it`);
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-three-recipients",
    title: "opens an envelope of three recipients while another provider is down",
    requirement:
      "Any one recipient is enough. While the provider that is tried first does not answer, the KEK opens, and the failure is reported as one attempt.",
    async run(trial) {
      const [unwrapper, one, two] = [await trial.unwrapper(), newLocalKek("conformance-one"), newLocalKek("conformance-two")];
      const options = { context: tenant, signal: trial.signal };
      const envelope = await seal(message, [one, await trial.wrapper(), two], options);
      const down: Kek = { ...one, errorCode: () => "unavailable", unwrap: async () => Promise.reject(new Error("down")) };
      const attempts: Attempt[] = [];
      const opened = await open(envelope, [down, unwrapper], { ...options, onFailedAttempt: (attempt) => attempts.push(attempt) });
      requireSame(opened, message, "an envelope of three recipients opened as something else");
      assert.ok(
        attempts.length === 1 && attempts[0]?.keyRef === one.keyRef,
        `${attempts.length} failed attempts were reported instead of the one of the provider that is down`,
      );
      for (const kek of [unwrapper, one, two]) {
        requireSame(await open(envelope, [kek], options), message, "an envelope of three recipients opened as something else");
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "core-provider-down",
    title: "leaves an envelope of three recipients to the others while its own provider is down",
    requirement:
      "While the service of the KEK is unavailable, another recipient opens; the attempt says unavailable, and without another recipient the error is retryable.",
    needs: [...both],
    skip: ({ faults }) => (faults?.unavailable === undefined ? 'the subject has no faults["unavailable"]' : undefined),
    async run(trial) {
      const [one, two] = [newLocalKek("conformance-one"), newLocalKek("conformance-two")];
      const options = { context: tenant, signal: trial.signal };
      const envelope = await seal(message, [one, await trial.wrapper(), two], options);
      const { keyRef } = await trial.unwrapper();
      const down = await trial.fault("unavailable");
      if (down?.unwrap === undefined) return "the KEK does not unwrap";
      assert.ok(down.keyRef === keyRef, 'faults["unavailable"] gave a KEK for another key than a');
      const attempts: Attempt[] = [];
      const keks = [down as Kek, two];
      const opened = await open(envelope, keks, { ...options, onFailedAttempt: (attempt) => attempts.push(attempt) });
      requireSame(opened, message, "an envelope of three recipients opened as something else");
      const [attempt] = attempts;
      assert.ok(
        attempts.length === 1 && attempt?.code === "unavailable" && attempt.keyRef === keyRef,
        `the failed attempt was reported as ${attempt?.code}`,
      );
      const code = await codeOf(open(envelope, [down as Kek], options));
      assert.ok(code === "unavailable", `the KEK alone failed with ${code} instead of unavailable`);
      return undefined;
    },
  }),
];

function newLocalKek(name: string): Kek {
  return localKek({ name, secret: newDataKey() });
}

async function codeOf(opening: Promise<unknown>): Promise<string> {
  return opening.then(
    () => "success",
    (error: unknown) => (LetterlockError.is(error) ? error.code : "something that is no LetterlockError"),
  );
}
