import assert from "node:assert/strict";
import type { KekIdentity } from "@letterlock/core";
import { open, seal } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { standIn } from "../kek-identity.ts";
import { settled } from "../settled.ts";
import { newDataKey, recipientOf, same, tenant, wrap } from "../specimen.ts";
import type { Trial } from "../trial.ts";
import { unproven } from "../unproven.ts";

export const identityCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "identity",
    title: "has an identity that a header can hold",
    requirement:
      "provider is 1 to 32 of a-z, 0-9 and hyphens, keyRef is 1 to 255 visible ASCII characters, both are the same in every instance; bindsContext and authenticatesWrap are booleans; optional members are functions or absent.",
    async run(trial) {
      const [wrapper, unwrapper] = [await trial.wrapper(), await trial.unwrapper()];
      for (const kek of [wrapper, unwrapper]) requireIdentity(kek);
      for (const kek of [unwrapper, await trial.wrapper(), await trial.unwrapper()]) {
        for (const member of ["provider", "keyRef", "bindsContext", "authenticatesWrap"] as const) {
          assert.ok(kek[member] === wrapper[member], `${member} differs between two instances for one key`);
        }
      }
      for (const member of ["generate", "currentVersion", "retryAfterMs"] as const) requireOptional(member, wrapper[member]);
      for (const member of ["rewrap", "retryAfterMs"] as const) requireOptional(member, unwrapper[member]);
      return undefined;
    },
  }),
  conformanceCase({
    id: "authenticates-wrap",
    title: "says truly whether a public key is enough to wrap",
    requirement:
      "Where authenticatesWrap is true, nobody wraps for the key without authority at the provider; where it is false, whoever has the public key can, and core refuses the KEK when authenticated wraps are required.",
    async run(trial) {
      const unwrapper = await trial.unwrapper();
      const claimed = unwrapper.authenticatesWrap;
      const forged = await opensWhatAPublicKeyWraps(trial);
      if (forged === undefined && !claimed) unproven("authenticatesWrap is false, and the subject has no publicWrapper to show it");
      if (claimed) assert.ok(forged !== true, "the KEK claims authenticatesWrap, but a public key is enough to wrap for it");
      else assert.ok(forged === true, "the KEK denies authenticatesWrap, but what the public key wrapped does not open");
      const envelope = await seal(new Uint8Array(1), [await trial.wrapper()], { signal: trial.signal });
      const opening = await open(envelope, [unwrapper], { requireAuthenticatedWrap: true, signal: trial.signal }).then(
        () => true,
        () => false,
      );
      assert.ok(opening === claimed, `core ${claimed ? "refused" : "took"} the KEK where authenticated wraps are required`);
      return undefined;
    },
  }),
];

async function opensWhatAPublicKeyWraps(trial: Trial): Promise<boolean | undefined> {
  const { publicWrapper, wrapsOffline } = trial.subject;
  if (publicWrapper === undefined && wrapsOffline !== true) return undefined;
  const unwrapper = await trial.unwrapper();
  const forger = publicWrapper === undefined ? await trial.wrapper() : await trial.special("publicWrapper");
  if (forger.wrap === undefined) throw failure("publicWrapper gave a KEK that does not wrap");
  if (forger.authenticatesWrap) throw failure("the KEK that wraps with the public key claims authenticatesWrap");
  const [dataKey, call] = [newDataKey(), await capturedCall({ context: tenant })];
  const recipient = recipientOf(forger, await wrap(trial, standIn(forger, forger.wrap.bind(forger)), dataKey, call));
  if (!unwrapper.owns(recipient)) return false;
  const opened = await settled(trial, unwrapper, "unwrap", () => unwrapper.unwrap(recipient, call));
  return opened.ok && same(opened.value, dataKey);
}

function requireIdentity({ provider, keyRef, bindsContext, authenticatesWrap }: KekIdentity): void {
  assert.ok(/^[a-z][a-z0-9-]{0,31}$/.test(provider), "provider is not 1 to 32 of a-z, 0-9 and hyphens, beginning with a letter");
  assert.ok(/^[\x21-\x7e]{1,255}$/.test(keyRef), "keyRef is not 1 to 255 visible ASCII characters");
  assert.ok(typeof bindsContext === "boolean", "bindsContext is not a boolean");
  assert.ok(typeof authenticatesWrap === "boolean", "authenticatesWrap is not a boolean");
}

function requireOptional(member: string, value: unknown): void {
  assert.ok(value === undefined || typeof value === "function", `${member} is there, but it is not a function`);
}
