import { setTimeout as delay } from "node:timers/promises";
import type { KekErrorCode } from "@letterlock/core";
import { soundBehaviour } from "../support/fake-kek.ts";
import { FakeServiceError } from "../support/fake-service.ts";
import { behaving, changing, type Mutant, mutant } from "./mutant.ts";

/** Gives another code to a status of the service. */
const mislabels = (status: number, code: KekErrorCode, by: string): Mutant =>
  behaving(`calls status ${status} ${code}`, by, () => ({
    errorCode: (error) => (error instanceof FakeServiceError && error.status === status ? code : soundBehaviour.errorCode(error)),
  }));

const words = { wrap: "encrypt", unwrap: "decrypt", generate: "generate", rewrap: "reencrypt", "current-version": "describe" } as const;

export const faultMutants: readonly Mutant[] = [
  mislabels(400, "provider-error", "truncated"),
  mislabels(400, "unavailable", "core-verify"),
  mislabels(400, "kek-not-found", "tampered"),
  mislabels(403, "not-authentic", "fault-access-denied"),
  mislabels(404, "access-denied", "fault-kek-not-found"),
  mislabels(409, "access-denied", "fault-kek-unusable"),
  mislabels(409, "unavailable", "disabled"),
  mislabels(418, "not-authentic", "fault-provider-error"),
  mislabels(429, "unavailable", "fault-throttled"),
  mislabels(503, "provider-error", "core-provider-down"),
  mislabels(503, "throttled", "fault-unavailable"),
  mislabels(504, "provider-error", "timing-out"),
  behaving("calls everything that it does not know unavailable", "error-code-unknown", () => ({
    errorCode: (error) => (error instanceof FakeServiceError ? soundBehaviour.errorCode(error) : "unavailable"),
  })),
  behaving("throws from errorCode", "error-code-unknown", () => ({
    errorCode: (error) => ((error as FakeServiceError).status > 0 ? soundBehaviour.errorCode(error) : "provider-error"),
  })),
  behaving("invents a code", "error-code-unknown", () => ({
    errorCode: (error) => (error instanceof FakeServiceError ? soundBehaviour.errorCode(error) : ("unknown" as KekErrorCode)),
  })),
  behaving("asks to wait a negative time", "fault-throttled", () => ({
    retryAfterMs: (error) => -(soundBehaviour.retryAfterMs(error) ?? 0) || undefined,
  })),
  behaving("asks to wait for nothing in particular", "retry-after", () => ({
    retryAfterMs: (error) => (error instanceof FakeServiceError ? soundBehaviour.retryAfterMs(error) : Number.NaN),
  })),
  behaving("throws from retryAfterMs", "retry-after", () => ({
    retryAfterMs: (error) => (error as FakeServiceError).retryAfterSeconds,
  })),
  behaving("asks to wait where waiting does not help", "fault-access-denied", () => ({ retryAfterMs: () => 1000 })),
  behaving("retries for ever", "fault-throttled", () => ({
    send: async (client, key, item, signal) => {
      // For ever, as far as the suite is patient.
      for (let end = performance.now() + 5000; performance.now() < end; ) {
        try {
          return await soundBehaviour.send(client, key, item, signal);
        } catch (error) {
          if (!(error instanceof FakeServiceError) || error.status !== 429) throw error;
          await delay(20, undefined, { signal });
        }
      }
      throw new Error("gave up");
    },
  })),
  behaving("waits for a service that does not answer", "timing-out", () => ({
    send: async (client, key, item, signal) => {
      try {
        return await soundBehaviour.send(client, key, item, signal);
      } catch (error) {
        if (error instanceof FakeServiceError && error.status === 504) return Promise.withResolvers<never>().promise;
        throw error;
      }
    },
  })),
  changing("loses the error of unwrap", "fault-access-denied", (kek) => ({
    unwrap: (...given) =>
      kek.unwrap(...given).catch((error: FakeServiceError) => Promise.reject(error.status === 400 ? error : new Error("unwrap failed"))),
  })),
  changing("hides a failure of currentVersion", "fault-unavailable", (kek) => ({
    currentVersion: (call) => kek.currentVersion?.(call).catch(() => undefined) ?? Promise.resolve(undefined),
  })),
  changing("takes a missing key for one that it may make", "fault-kek-not-found", (kek) => {
    let missing = false;
    return {
      wrap: (...given) =>
        kek.wrap(...given).catch((error: FakeServiceError) => {
          if (error.status !== 404 || !missing) {
            missing = error.status === 404;
            throw error;
          }
          return { wrapped: new Uint8Array(61), keyVersion: "1" };
        }),
    };
  }),
  changing("prints the data key in its errors", "errors-hold-no-key", (kek) => ({
    wrap: (dataKey, call) => {
      const text = Buffer.from(dataKey).toString("base64");
      return kek
        .wrap(dataKey, call)
        .catch((error: FakeServiceError) => Promise.reject(new FakeServiceError(error.status, `cannot encrypt ${text}`)));
    },
  })),
  changing("keeps the request in its errors", "errors-hold-no-key", (kek) => ({
    wrap: (dataKey, call) => {
      const request = { body: { plaintext: Uint8Array.from(dataKey) } };
      return kek.wrap(dataKey, call).catch((error: unknown) => Promise.reject(Object.assign(error as Error, { request })));
    },
  })),
  ...Object.entries(words).map(([operation, word]) =>
    behaving(`sends two requests for ${operation}`, `one-request-${operation}`, () => ({
      send: async (client, key, item, signal) => {
        if (item.operation === word) await soundBehaviour.send(client, key, { operation: "describe" }, signal);
        return soundBehaviour.send(client, key, item, signal);
      },
    })),
  ),
  mutant("says that it wraps at the service and does not", "one-request-wrap", () => ({
    finish: (kek, service) => ({
      ...kek,
      wrap: async (dataKey, call) => ({ wrapped: service.publicEncrypt(kek.keyRef, dataKey, call.associatedData).bytes, keyVersion: "1" }),
    }),
  })),
];
