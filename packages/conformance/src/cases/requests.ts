import assert from "node:assert/strict";
import type { KekErrorCode, KekOperation } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { operationsOf } from "../kek-operations.ts";
import { refused, succeeded } from "../settled.ts";
import { specimen, tenant } from "../specimen.ts";
import type { AnyKek, Trial } from "../trial.ts";

const impossible: readonly KekErrorCode[] = ["provider-error"];
/** That the ciphertext is not of the key that answered is true as well. */
const notOfThisKey: readonly KekErrorCode[] = ["provider-error", "not-authentic"];

export const requestCases: readonly ConformanceCase[] = [
  ...(["wrap", "unwrap", "generate", "rewrap", "currentVersion"] as const).map(oneRequest),
  ...(["wrap", "unwrap", "generate", "rewrap"] as const).map(checksTheAnswer),
];

function oneRequest(operation: KekOperation): ConformanceCase {
  return conformanceCase({
    id: `one-request-${operation === "currentVersion" ? "current-version" : operation}`,
    title: `sends one request for ${operation}, which names the configured key`,
    requirement: `${operation} costs one call to the provider, a check on first use that is remembered aside, and each request names the configured key. A wrapper that works offline sends none.`,
    needs: [["create", "createWrapper"], ["create", "createUnwrapper"], "requests"],
    async run(trial) {
      const { wrapper, unwrapper, recipient, call } = await specimen(trial);
      const kek: AnyKek = operation === "unwrap" || operation === "rewrap" ? unwrapper : wrapper;
      const one = operationsOf(kek, recipient, call).find((each) => each.operation === operation);
      if (one === undefined) return `the KEK has no ${operation}`;
      await trial.requests();
      const offline = trial.subject.wrapsOffline === true && kek === wrapper;
      await requireNamed(trial, kek, operation, one.run);
      const count = await requireNamed(trial, kek, operation, one.run);
      const expected = offline ? 0 : 1;
      assert.ok(count === expected, `${operation} sent ${count} requests instead of ${expected}`);
      return undefined;
    },
  });
}

async function requireNamed(trial: Trial, kek: AnyKek, operation: KekOperation, run: () => Promise<unknown>): Promise<number> {
  await succeeded(trial, kek, operation, run);
  const requests = await trial.requests();
  for (const { key, operation: word } of requests) {
    assert.ok(key !== undefined, `${operation} sent ${word} without naming a key`);
    assert.ok(key === kek.keyRef, `${operation} sent ${word} for another key than the configured one`);
  }
  return requests.length;
}

function checksTheAnswer(operation: "wrap" | "unwrap" | "generate" | "rewrap"): ConformanceCase {
  const codes = operation === "wrap" || operation === "generate" ? impossible : notOfThisKey;
  return conformanceCase({
    id: `answer-key-${operation}`,
    title: `refuses the answer of another key to ${operation}`,
    requirement: `When the response to ${operation} names another key than the configured one, the call fails with ${codes.join(" or ")}: a key that nobody configured must not get into an envelope.`,
    needs: [["create", "createWrapper"], ["create", "createUnwrapper"], "answersFromAnotherKey"],
    async run(trial) {
      const { recipient } = await specimen(trial);
      const call = await capturedCall({ context: tenant });
      const kek = await trial.special("answersFromAnotherKey");
      const one = operationsOf(kek, recipient, call).find((each) => each.operation === operation);
      if (one === undefined) return `the KEK has no ${operation}`;
      await refused(trial, kek, operation, one.run, { codes, although: "another key answered" });
      return undefined;
    },
  });
}
