import { describe, expect, test } from "vitest";
import { type Attempt, headerOf, inspect, open, refresh, seal, splitEnvelope, verify } from "../src/index.ts";
import { type CountingKekOptions, countingKek, failingKek, ProviderFailure } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf } from "./support/rejection.ts";
import { withDamagedMac } from "./support/tampered.ts";

const message = new Uint8Array(100).fill(9);
const old = (keyRef: string, options: CountingKekOptions = {}) => countingKek({ keyRef, keyVersion: "1", ...options });
const renewed = (keyRef: string, options: CountingKekOptions = {}) => countingKek({ keyRef, keyVersion: "2", ...options });
const rewrapping = (keyRef: string, options: CountingKekOptions = {}) => renewed(keyRef, { rewrap: (answer) => answer(), ...options });
const envelope = await seal(message, [old("a"), old("b"), old("c")]);
const payloadOf = (bytes: Uint8Array) => bytes.slice(headerOf(bytes).payloadOffset);
const macOf = (bytes: Uint8Array) => headerOf(bytes).blob.slice(-32);
const statuses = (refreshed: Awaited<ReturnType<typeof refresh>>) => refreshed.recipients.map(({ status }) => status);
const failure = (code: ConstructorParameters<typeof ProviderFailure>[0]) => () => Promise.reject(new ProviderFailure(code));

describe("refresh", () => {
  test("asks the provider where it can, and nothing is unwrapped", async () => {
    const kek = rewrapping("a");
    const refreshed = await refresh(envelope, [kek]);
    expect(kek.calls).toEqual(["rewrap"]);
    expect(statuses(refreshed)).toEqual(["rewrapped", "not-owned", "not-owned"]);
    expect(refreshed.recipients[0]).toEqual({ provider: "test", keyRef: "a", from: "1", to: "2", status: "rewrapped", error: undefined });
    expect(kek.made[0]).toMatchObject({ depth: 1, usage: "data", encryptionContext: { letterlock: "1/1/1" } });
  });

  test("wraps again where the provider cannot, and opens the header once for all", async () => {
    const [a, b] = [renewed("a"), renewed("b")];
    const refreshed = await refresh(envelope, [a, b]);
    expect(statuses(refreshed)).toEqual(["wrapped-again", "wrapped-again", "not-owned"]);
    expect([a.calls, b.calls]).toEqual([["unwrap", "wrap"], ["wrap"]]);
    expect(await open(refreshed.object, [renewed("b")])).toEqual(message);
  });

  test("leaves payload, mac, keyId and the other recipients as they are, of envelope and blob", async () => {
    for (const object of [envelope, splitEnvelope(envelope).blob]) {
      const { object: after } = await refresh(object, [rewrapping("a"), renewed("b")]);
      expect(inspect(after).keyId).toBe(inspect(object).keyId);
      if (object === envelope) expect([payloadOf(after), macOf(after)]).toEqual([payloadOf(object), macOf(object)]);
      else expect(after.slice(-32)).toEqual(object.slice(-32));
      expect((await verify(after, [old("a"), old("b"), old("c")])).ok).toBe(true);
      const info = inspect(after);
      expect(info.type !== "record" && info.header.recipients.map(({ keyVersion }) => keyVersion)).toEqual(["2", "2", "1"]);
    }
  });

  test("does nothing where the version is current", async () => {
    const kek = rewrapping("a", { currentVersion: async () => "1" });
    const refreshed = await refresh(envelope, [kek]);
    expect([kek.calls, statuses(refreshed)]).toEqual([["currentVersion"], ["current", "not-owned", "not-owned"]]);
    expect(refreshed.object).toEqual(envelope);
  });

  test.each([["2"], [undefined], [""], [7], [null]])("refreshes where the current version is %j", async (version) => {
    const kek = rewrapping("a", { currentVersion: async () => version });
    expect(statuses(await refresh(envelope, [kek]))).toEqual(["rewrapped", "not-owned", "not-owned"]);
  });

  test("refreshes all the same where currentVersion fails, and reports that", async () => {
    const attempts: Attempt[] = [];
    const kek = rewrapping("a", { currentVersion: failure("access-denied") });
    const refreshed = await refresh(envelope, [kek], { onFailedAttempt: (attempt) => attempts.push(attempt) });
    expect(statuses(refreshed)[0]).toBe("rewrapped");
    expect(attempts.map(({ code }) => code)).toEqual(["access-denied"]);
  });

  test("goes on after one that fails, with its bytes as they were", async () => {
    const refreshed = await refresh(envelope, [rewrapping("a", { rewrap: failure("throttled") }), rewrapping("b")]);
    expect(statuses(refreshed)).toEqual(["failed", "rewrapped", "not-owned"]);
    expect(refreshed.recipients[0]).toMatchObject({ from: "1", to: "1", error: { code: "throttled", keyRef: "a" } });
    expect((await verify(refreshed.object, [old("a"), old("b"), old("c")])).ok).toBe(true);
  });

  test.each([
    [["access-denied", "throttled"], "throttled"],
    [["kek-unusable", "not-authentic"], "not-authentic"],
    [["kek-unusable", "access-denied"], "kek-unusable"],
  ] as const)("rejects when every owned one failed: %j %s", async ([first, second], code) => {
    const keks = [rewrapping("a", { rewrap: failure(first) }), rewrapping("b", { rewrap: failure(second) })];
    const error = await letterlockError(refresh(envelope, keks), code);
    expect(error.attempts.map((attempt) => [attempt.keyRef, attempt.code])).toEqual([
      ["a", first],
      ["b", second],
    ]);
  });

  test("wraps nothing again of a header whose list was changed", async () => {
    const kek = renewed("a");
    await letterlockError(refresh(withDamagedMac(envelope), [kek]), "not-authentic");
    expect(kek.calls).toEqual(["unwrap"]);
    const refreshed = await refresh(withDamagedMac(envelope), [rewrapping("a"), renewed("b")]);
    expect(statuses(refreshed)).toEqual(["rewrapped", "failed", "not-owned"]);
  });

  test("uses the first KEK of the list that owns the recipient", async () => {
    const [first, second] = [rewrapping("a"), rewrapping("a")];
    await refresh(envelope, [first, second]);
    expect([first.calls, second.calls]).toEqual([["rewrap"], []]);
  });

  test("refuses a KEK that can neither rewrap nor wrap, and an empty list", async () => {
    const { wrap: _, ...opener } = failingKek("throttled", { keyRef: "a" });
    expect(await rejectionOf(refresh(envelope, [opener]))).toBeInstanceOf(TypeError);
    await letterlockError(refresh(envelope, []), "no-matching-kek");
  });
});
