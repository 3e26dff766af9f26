import { inspect, type LetterlockError, open, rewrap, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { sealAtLeast } from "../src/index.ts";
import { ScriptedError, scriptedKek, times } from "./support/scripted-kek.ts";

const message = new TextEncoder().encode("message");
const options = { context: { tenant: "acme", region: "eu" }, detached: ["region"], aad: "place" };
const opening = { context: options.context, aad: options.aad };

describe("sealAtLeast", () => {
  test("seals for all when all answer, like seal", async () => {
    const keks = ["a", "b", "c"].map(scriptedKek);
    const { envelope, missing } = await sealAtLeast(
      2,
      message,
      keks.map(({ kek }) => kek),
      options,
    );
    expect(missing).toEqual([]);
    expect(refs(envelope)).toEqual(["a", "b", "c"]);
    expect(envelope).toHaveLength(
      (
        await seal(
          message,
          keks.map(({ kek }) => kek),
          options,
        )
      ).length,
    );
    for (const { kek } of keks) expect(await open(envelope, [kek], opening)).toEqual(message);
    expect(keks[0]?.calls).toHaveLength(3);
  });

  test.each(["unavailable", "throttled"] as const)(
    "says who is missing because it is %s, and rewrap with keep repairs it",
    async (code) => {
      const [a, b] = [scriptedKek("a"), scriptedKek("b")];
      b.script.push(new ScriptedError(code));
      const { envelope, missing } = await sealAtLeast(1, message, [a.kek, b.kek], options);
      expect(missing).toEqual([{ provider: "local", keyRef: "b", code }]);
      expect(refs(envelope)).toEqual(["a"]);
      await expect(open(envelope, [b.kek], opening)).rejects.toMatchObject({ code: "no-matching-kek" });
      const repaired = await rewrap(envelope, { from: [a.kek], to: [b.kek], keep: () => true }, { context: options.context });
      expect(await open(repaired, [b.kek], opening)).toEqual(message);
    },
  );

  test("tells a hook who is missing, and only then", async () => {
    const [a, b] = [scriptedKek("a"), scriptedKek("b")];
    const told: unknown[] = [];
    const onDegraded = (missing: unknown): void => void told.push(missing);
    await sealAtLeast(1, message, [a.kek, b.kek], { onDegraded });
    expect(told).toEqual([]);
    b.script.push(new ScriptedError("throttled"));
    const { missing } = await sealAtLeast(1, message, [a.kek, b.kek], { onDegraded });
    expect(told).toEqual([missing]);
    expect(missing).toEqual([{ provider: "local", keyRef: "b", code: "throttled" }]);
  });

  test("fails when fewer than n answer, with every attempt", async () => {
    const keks = ["a", "b", "c"].map(scriptedKek);
    keks[0]?.script.push(new ScriptedError("throttled"));
    keks[2]?.script.push(new ScriptedError("unavailable"));
    const error = (await sealAtLeast(
      2,
      message,
      keks.map(({ kek }) => kek),
    ).catch((thrown: unknown) => thrown)) as LetterlockError;
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.attempts.map(({ keyRef, code }) => [keyRef, code])).toEqual([
      ["a", "throttled"],
      ["c", "unavailable"],
    ]);
  });

  test.each(["access-denied", "kek-not-found", "kek-unusable", "provider-error"] as const)(
    "does not take %s for an outage",
    async (code) => {
      const [a, b] = [scriptedKek("a"), scriptedKek("b")];
      b.script.push(new ScriptedError(code));
      await expect(sealAtLeast(1, message, [a.kek, b.kek])).rejects.toMatchObject({ code, keyRef: "b" });
    },
  );

  test("writes without the KEK that would have made the data key", async () => {
    const [a, b] = [scriptedKek("a"), scriptedKek("b")];
    const generating = { ...a.kek, generate: () => Promise.reject(new ScriptedError("unavailable")) };
    const { envelope, missing } = await sealAtLeast(1, message, [generating, b.kek]);
    expect(missing.map(({ keyRef }) => keyRef)).toEqual(["a"]);
    expect(await open(envelope, [b.kek])).toEqual(message);
    const again = await sealAtLeast(1, message, [generating, b.kek]);
    expect(inspect(again.envelope).keyId).not.toBe(inspect(envelope).keyId);
  });

  test("lets the caller leave", async () => {
    const { kek, calls, script } = scriptedKek();
    script.push("hang");
    const controller = new AbortController();
    const reason = new Error("left");
    const sealing = sealAtLeast(1, message, [kek], { signal: controller.signal });
    await expect.poll(() => calls.length).toBe(1);
    controller.abort(reason);
    await expect(sealing).rejects.toBe(reason);
  });

  test("refuses n below 1, above the KEKs, and more KEKs than a header has room for", async () => {
    const { kek } = scriptedKek();
    await expect(sealAtLeast(0, message, [kek])).rejects.toThrow(RangeError);
    await expect(sealAtLeast(2, message, [kek])).rejects.toThrow(RangeError);
    await expect(
      sealAtLeast(
        1,
        message,
        times(16, () => scriptedKek().kek),
      ),
    ).rejects.toThrow(RangeError);
    await expect(sealAtLeast(1, message, [kek], { cache: {} } as object)).rejects.toThrow(TypeError);
  });
});

function refs(envelope: Uint8Array): string[] {
  const info = inspect(envelope);
  return info.type === "envelope" ? info.header.recipients.map(({ keyRef }) => keyRef) : [];
}
