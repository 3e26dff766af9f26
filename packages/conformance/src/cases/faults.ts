import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type KekErrorCode, LetterlockError, open, seal } from "@letterlock/core";
import { capturedCall } from "../captured-call.ts";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { givesBytes, standIn } from "../kek-identity.ts";
import { operationsOf } from "../kek-operations.ts";
import { refused, settled } from "../settled.ts";
import { newDataKey, type Specimen, specimen, tenant } from "../specimen.ts";
import type { FaultCode, KekSubject } from "../subject.ts";
import type { AnyKek, Trial } from "../trial.ts";

const faultCodes: readonly FaultCode[] = ["access-denied", "kek-not-found", "kek-unusable", "throttled", "unavailable", "provider-error"];
const retryable: readonly string[] = ["throttled", "unavailable"];

const circumstances: Readonly<Record<FaultCode, string>> = {
  "access-denied": "the service denies access",
  "kek-not-found": "there is no such key",
  "kek-unusable": "the key is disabled or destroyed",
  throttled: "the service throttles",
  unavailable: "the service is not available",
  "provider-error": "the service fails in a way that has no code",
};

export const faultCases: readonly ConformanceCase[] = [
  ...faultCodes.map(fault),
  conformanceCase({
    id: "timing-out",
    title: "calls the provider's own time-out unavailable",
    requirement:
      "Where the service does not answer and the client gives up by itself, every call fails with unavailable, and nobody waits for ever.",
    needs: [...both, "timingOut"],
    async run(trial) {
      const one = await specimen(trial);
      const kek = await trial.special("timingOut");
      await requireFault(trial, kek, one, "unavailable", "the service does not answer");
      return undefined;
    },
  }),
  conformanceCase({
    id: "error-code-unknown",
    title: "calls what it does not know provider-error, without throwing",
    requirement:
      "errorCode takes whatever was thrown. What the adapter has no row for is provider-error: never a code that makes a caller retry, or believe that data was damaged.",
    needs: [["create", "createWrapper", "createUnwrapper"]],
    async run(trial) {
      const kek = await trial.any();
      for (const thrown of unknownErrors()) {
        const code = safely("errorCode", () => kek.errorCode(thrown));
        assert.ok(
          code === "provider-error",
          `errorCode called ${inspect(thrown, { depth: 0, compact: true }).slice(0, 40)} ${String(code)}`,
        );
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "retry-after",
    title: "tells how long to wait only where the service asked for it",
    requirement: "retryAfterMs returns undefined or a number of milliseconds from 0 on, for whatever was thrown, and throws nothing.",
    needs: [["create", "createWrapper", "createUnwrapper"]],
    async run(trial) {
      const kek = await trial.any();
      if (kek.retryAfterMs === undefined) return "the KEK has no retryAfterMs";
      for (const thrown of unknownErrors()) {
        const answer = retryAfter(kek, thrown);
        assert.ok(answer === undefined, `retryAfterMs returned ${answer} for an error that asks for nothing`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "errors-hold-no-key",
    title: "throws errors that do not print the data key",
    requirement:
      "An error ends up in a log. What wrap rejects with shows the data key in no spelling: not in its message, its stack, its JSON or what util.inspect prints.",
    skip: ({ faults = {} }) => (Object.values(faults).some(Boolean) ? undefined : "the subject has no faults"),
    async run(trial) {
      const call = await capturedCall({ context: tenant });
      for (const code of faultCodes) {
        const kek = await trial.fault(code);
        const run = kek?.wrap?.bind(kek);
        if (kek === undefined || run === undefined) continue;
        const dataKey = newDataKey();
        const result = await settled(trial, kek, "wrap", () => run(Uint8Array.from(dataKey), call));
        if (!result.ok) requireSilent(result.error, dataKey, code);
        await trial[Symbol.asyncDispose]();
      }
      return undefined;
    },
  }),
];

function fault(code: FaultCode): ConformanceCase {
  const retry = retryable.includes(code) ? "It is retryable." : "It is not retryable.";
  return conformanceCase({
    id: `fault-${code}`,
    title: `calls it ${code} when ${circumstances[code]}`,
    requirement: `When ${circumstances[code]}, every call fails with ${code}, again and again, and nothing else does; core reports the same code when it seals and opens. ${retry}`,
    skip: ({ faults, disable, enable }: KekSubject) => {
      if (faults?.[code] !== undefined || code === "provider-error") return undefined;
      if (code === "kek-unusable" && disable !== undefined && enable !== undefined) return undefined;
      return `the subject has no faults["${code}"]`;
    },
    async run(trial) {
      if (trial.subject.faults?.[code] === undefined) {
        return code === "provider-error" ? "the case error-code-unknown shows it" : "the case disabled shows it";
      }
      const one = await specimen(trial);
      const kek = await trial.fault(code);
      if (kek === undefined) throw failure(`faults["${code}"] gave no KEK`);
      await requireFault(trial, kek, one, code, circumstances[code]);
      await requireFaultThroughCore(trial, kek, one, code);
      return undefined;
    },
  });
}

/** Every operation, twice: a failure must not repair anything, such as create the key that is missing. */
async function requireFault(trial: Trial, kek: AnyKek, one: Specimen, code: KekErrorCode, although: string): Promise<void> {
  const recipient = { ...one.recipient, provider: kek.provider, keyRef: kek.keyRef };
  const operations = operationsOf(kek, recipient, one.call);
  assert.ok(operations.length > 0, "the faulty KEK has no operation");
  for (const { operation, run } of [...operations, ...operations]) {
    const { error } = await refused(trial, kek, operation, run, { codes: [code], although });
    safely("errorCode", () => kek.errorCode(error));
    const answer = retryAfter(kek, error);
    assert.ok(answer === undefined || retryable.includes(code), `retryAfterMs asks to wait ${answer} ms although ${code} is not retryable`);
  }
}

async function requireFaultThroughCore(trial: Trial, kek: AnyKek, one: Specimen, code: KekErrorCode): Promise<void> {
  const options = { context: tenant, signal: trial.signal };
  const attempts: { readonly what: string; readonly run: () => Promise<unknown> }[] = [];
  const { wrap, unwrap } = kek;
  if (wrap !== undefined) attempts.push({ what: "seal", run: () => seal(new Uint8Array(1), [standIn(kek, wrap.bind(kek))], options) });
  if (unwrap !== undefined) {
    const envelope = await seal(new Uint8Array(1), [givesBytes(kek, one.recipient)], options);
    attempts.push({ what: "open", run: () => open(envelope, [kek as Required<AnyKek>], options) });
  }
  for (const { what, run } of attempts) {
    const error = await run().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(LetterlockError.is(error), `${what} did not reject with a LetterlockError`);
    assert.ok(error.code === code, `${what} reported ${error.code} instead of ${code}`);
    assert.ok(error.retryable === retryable.includes(code), `${what} reported the wrong retryable`);
  }
}

function retryAfter(kek: AnyKek, thrown: unknown): number | undefined {
  const answer = safely("retryAfterMs", () => kek.retryAfterMs?.(thrown));
  assert.ok(answer === undefined || (Number.isFinite(answer) && answer >= 0), `retryAfterMs returned ${String(answer)}`);
  return answer;
}

function safely<T>(member: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failure(`${member} threw instead of answering`, error);
  }
}

function unknownErrors(): readonly unknown[] {
  const circular = new Error("circular");
  circular.cause = circular;
  return [
    undefined,
    null,
    "",
    "throttled",
    0,
    404,
    Symbol("thrown"),
    {},
    [],
    Object.create(null),
    new Error("unknown"),
    new TypeError("unknown"),
    circular,
  ];
}

function requireSilent(error: unknown, dataKey: Uint8Array, code: string): void {
  const { message, stack } = (error ?? {}) as { readonly message?: unknown; readonly stack?: unknown };
  const printed = [inspect(error, { depth: 8 }), String(message), String(stack), json(error)].join("\n").replaceAll(/\s/g, "");
  // Half of the key is enough to recognise it: encoders differ in how they end.
  const half = Buffer.from(dataKey.subarray(0, 15));
  const spellings = [half.toString("base64"), half.toString("base64url"), half.join(","), json(Uint8Array.from(half)).slice(1, -1)];
  const shown = spellings.some((spelling) => printed.includes(spelling)) || printed.toLowerCase().includes(half.toString("hex"));
  assert.ok(!shown, `the error for ${code} prints the data key`);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
