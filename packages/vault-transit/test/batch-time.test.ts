import { startVaultTransit } from "@letterlock/emulators";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, rejection } from "./support/call.ts";
import { answeringClient } from "./support/recording-client.ts";

const readable = { data: { name: "app", type: "aes256-gcm96", latest_version: 1, derived: false } };
const call = callFor();
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("timeoutMs counts from the call, also behind a request that hangs", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  /** When three calls end that are made at 0, 200 and 500 ms: the second and the third wait behind the first. */
  async function endings(options: { readonly timeoutMs?: number }, stops: readonly number[]) {
    const kek = vaultTransit({ client: hanging, keyName: "app", batch: true, ...options });
    const ended: number[] = [];
    const errors: Promise<unknown>[] = [];
    let now = 0;
    for (const [index, stop] of stops.entries()) {
      const wait = stop - now;
      now = stop;
      await vi.advanceTimersByTimeAsync(wait);
      if (index < 3) errors.push(rejection(kek.wrap(newDataKey(), call)).finally(() => ended.push(now)));
      await turn();
    }
    return { ended, errors: await Promise.all(errors), kek };
  }
  const hanging = answeringClient((path) => (path.includes("/keys/") ? readable : new Promise(() => undefined)));

  test("with another client and timeoutMs", async () => {
    const { ended, errors, kek } = await endings({ timeoutMs: 1000 }, [0, 200, 500, 999, 1000, 1199, 1200, 1499, 1500]);
    expect(ended).toEqual([1000, 1200, 1500]);
    expect(errors.map((error) => kek.errorCode(error))).toEqual(["unavailable", "unavailable", "unavailable"]);
    expect(String(errors[2])).toContain("vault did not answer transit/encrypt/app within 1000 ms");
  });

  test("with another client, for half a minute where nobody says", async () => {
    const { ended } = await endings({}, [0, 200, 500, 29_999, 30_000, 30_199, 30_200, 30_499, 30_500]);
    expect(ended).toEqual([30_000, 30_200, 30_500]);
  });
});

test("what the client of this package was told counts from the call too", async () => {
  await using vault = await startVaultTransit();
  await using client = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken, timeoutMs: 400 });
  const kek = vaultTransit({ client, keyName: vault.admin.createKey().slice("transit/".length), batch: true });
  await kek.wrap(newDataKey(), call);
  vault.admin.fail({ operation: "encrypt", as: "timeout", times: Infinity });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let ended = 0;
  const begin = async () => {
    const failed = rejection(kek.wrap(newDataKey(), call)).finally(() => {
      ended += 1;
    });
    await turn();
    return { failed };
  };
  const first = await begin();
  await vi.advanceTimersByTimeAsync(200);
  const second = await begin();
  await vi.advanceTimersByTimeAsync(399);
  expect(ended).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  vi.useRealTimers();
  expect(ended).toBe(2);
  for (const { failed } of [first, second]) expect(kek.errorCode(await failed)).toBe("unavailable");
});
