import assert from "node:assert/strict";
import type { KekErrorCode } from "@letterlock/core";
import { open, seal } from "@letterlock/core";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { inParallel } from "../in-parallel.ts";
import { givesBytes } from "../kek-identity.ts";
import { refused, settled } from "../settled.ts";
import { newDataKey, requireOpens, requireSame, type Specimen, specimen, tenant } from "../specimen.ts";
import type { Trial } from "../trial.ts";

const notAuthentic: readonly KekErrorCode[] = ["not-authentic"];
/** What a service may say of a key or version that a changed byte names. */
const namesAnotherKey: readonly KekErrorCode[] = ["not-authentic", "kek-not-found", "kek-unusable"];

export const tamperingCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "tampered",
    title: "rejects ciphertext that was changed",
    requirement:
      "With any byte of wrapped changed, unwrap fails with not-authentic. In the first half, where the bytes may name a key or a version, kek-not-found and kek-unusable are answers too.",
    calls: "many",
    async run(trial) {
      const one = await specimen(trial);
      const { wrapped } = one.recipient;
      await inParallel(positions(wrapped.length, trial.settings.tamperedBytes ?? wrapped.length), async (position) => {
        const changed = Uint8Array.from(wrapped);
        changed[position] = (changed[position] ?? 0) ^ 1;
        const codes = position < wrapped.length / 2 ? namesAnotherKey : notAuthentic;
        await requireRefused(trial, one, changed, codes, `byte ${position} of ${wrapped.length} wrapped bytes was changed`);
      });
      await requireOpens(trial, one.unwrapper, one, "after changed ones were refused");
      return undefined;
    },
  }),
  conformanceCase({
    id: "truncated",
    title: "rejects ciphertext that was cut",
    requirement: "With bytes of wrapped missing at the end, unwrap fails with not-authentic.",
    async run(trial) {
      const one = await specimen(trial);
      const { wrapped } = one.recipient;
      const { length } = wrapped;
      const lengths = new Set([1, 2, Math.floor(length / 2), length - 16, length - 2, length - 1].filter((at) => at > 0 && at < length));
      for (const at of lengths)
        await requireRefused(trial, one, wrapped.slice(0, at), notAuthentic, `only ${at} of ${length} wrapped bytes are left`);
      return undefined;
    },
  }),
  conformanceCase({
    id: "extended",
    title: "rejects ciphertext that was extended",
    requirement: "With bytes before or after wrapped, unwrap fails with not-authentic: a stored key has one spelling.",
    async run(trial) {
      const one = await specimen(trial);
      const { wrapped } = one.recipient;
      const extensions = [
        { before: [], after: [0] },
        { before: [], after: [0x41] },
        { before: [], after: [0x0a] },
        { before: [0], after: [] },
        { before: [0x20], after: [] },
        { before: [], after: [...newDataKey()] },
      ];
      for (const { before, after } of extensions) {
        const longer = Uint8Array.from([...before, ...wrapped, ...after]);
        await requireRefused(trial, one, longer, notAuthentic, `${before.length} bytes stand before wrapped and ${after.length} after it`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "foreign-bytes",
    title: "rejects bytes that are no ciphertext",
    requirement:
      "A wrapped that cannot be a value of the provider is not-authentic, not a failure of the provider: anybody who writes the storage can put it there.",
    async run(trial) {
      const one = await specimen(trial);
      const { length } = one.recipient.wrapped;
      const texts = ["null", '{"keys":[]}', "vault:v1:AAAA", "%00", "é".repeat(40)].map((text) => new TextEncoder().encode(text));
      const bytes = [new Uint8Array(1), new Uint8Array(length), randomBytes(length), randomBytes(2048), new Uint8Array(2048), ...texts];
      for (const foreign of bytes)
        await requireRefused(trial, one, foreign, notAuthentic, `wrapped is ${foreign.length} bytes of something else`);
      return undefined;
    },
  }),
  conformanceCase({
    id: "foreign-ciphertext",
    title: "opens no envelope with another ciphertext of the service",
    requirement:
      "Through core: a wrapped that the service made for another data key, context or length, put into an envelope, does not open it, and the code is not-authentic.",
    async run(trial) {
      const [one, other] = [await specimen(trial), await specimen(trial, { context: { tenant: "other" } })];
      const foreign = [one.recipient.wrapped, other.recipient.wrapped, ...((await trial.subject.foreignCiphertexts?.()) ?? [])];
      for (const length of [16, 48]) {
        const wrapped = await settled(trial, one.wrapper, "wrap", () => one.wrapper.wrap(randomBytes(length), one.call));
        if (wrapped.ok) foreign.push(wrapped.value.wrapped);
      }
      const { keyVersion } = one.recipient;
      for (const wrapped of foreign) {
        const envelope = await seal(new Uint8Array(1), [givesBytes(one.unwrapper, { wrapped, keyVersion })], { context: tenant });
        const opening = await open(envelope, [one.unwrapper], { context: tenant, signal: trial.signal }).then(
          () => "opened",
          (error: { readonly code?: unknown }) => error.code,
        );
        assert.ok(
          opening === "not-authentic",
          `an envelope with the ciphertext of something else gave ${String(opening)}, not not-authentic`,
        );
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "other-key",
    title: "rejects under key a what key b wrapped",
    requirement:
      "The service is asked to unwrap with the configured key and no other, so a ciphertext of another key of the same owner is not-authentic.",
    async run(trial) {
      const [one, other] = [await specimen(trial), await specimen(trial, { key: "b" })];
      const although = "key b wrapped it";
      await requireRefused(trial, { ...one, call: other.call }, other.recipient.wrapped, notAuthentic, although);
      return undefined;
    },
  }),
  conformanceCase({
    id: "recipient-names-other-key",
    title: "uses the configured key, whatever the recipient names",
    requirement:
      "An adapter takes the key from its configuration, never from a recipient: otherwise whoever writes the storage chooses the key.",
    async run(trial) {
      const [one, other] = [await specimen(trial), await specimen(trial, { key: "b" })];
      const opened = await settled(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(other.recipient, other.call));
      assert.ok(!opened.ok, "the KEK of key a opened a recipient of key b: it takes the key from the recipient");
      const renamed = { ...one.recipient, keyRef: other.recipient.keyRef };
      const again = await settled(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(renamed, one.call));
      if (again.ok) requireSame(again.value, one.dataKey, "a recipient under another name gave another data key");
      return undefined;
    },
  }),
  conformanceCase({
    id: "recipient-version",
    title: "is not misled by the keyVersion of a recipient",
    requirement:
      "keyVersion is text that whoever writes the storage chooses. Whatever it says, unwrap gives the data key or fails with not-authentic, kek-not-found or kek-unusable, and no request names another key. Without it, what the current version wrapped opens.",
    async run(trial) {
      const one = await specimen(trial);
      const unknown = { ...one, recipient: { ...one.recipient, keyVersion: undefined } };
      await requireOpens(trial, one.unwrapper, unknown, "from a recipient without keyVersion");
      await trial.requests();
      for (const keyVersion of ["../b", "1/../../b", "%2e%2e%2fb", "latest", "0", "-1", "1e1", "?x=1", "#", "9".repeat(255)]) {
        const recipient = { ...one.recipient, keyVersion };
        const opened = await settled(trial, one.unwrapper, "unwrap", () => one.unwrapper.unwrap(recipient, one.call));
        if (opened.ok) requireSame(opened.value, one.dataKey, `keyVersion ${keyVersion.slice(0, 12)} gave another data key`);
        else assert.ok(namesAnotherKey.includes(opened.code), `keyVersion ${keyVersion.slice(0, 12)} gave ${opened.code}`);
        const elsewhere = (await trial.requests()).find(({ key }) => key !== one.unwrapper.keyRef);
        assert.ok(elsewhere === undefined, `keyVersion ${keyVersion.slice(0, 12)} made a request that does not name the configured key`);
      }
      return undefined;
    },
  }),
];

async function requireRefused(
  trial: Trial,
  { unwrapper, recipient, call }: Pick<Specimen, "unwrapper" | "recipient" | "call">,
  wrapped: Uint8Array,
  codes: readonly KekErrorCode[],
  although: string,
): Promise<void> {
  await refused(trial, unwrapper, "unwrap", () => unwrapper.unwrap({ ...recipient, wrapped }, call), { codes, although });
}

/** `count` positions from the first byte to the last. */
function positions(length: number, count: number): readonly number[] {
  const taken = Math.max(2, Math.min(length, count));
  return [...new Set(Array.from({ length: taken }, (_, index) => Math.round((index * (length - 1)) / (taken - 1))))];
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
