import { Buffer } from "node:buffer";
import { channel } from "node:diagnostics_channel";
import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type VaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection } from "./support/call.ts";
import { recordingClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const keyName = vault.admin.createKey().slice("transit/".length);
const own = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
afterAll(async () => {
  await own.close();
  await vault.close();
});
const call = callFor();
const poison = { wrapped: Buffer.from(`vault:v1:${"A".repeat(80)}`) };
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const sizeOf = (data: unknown) => (data as { batch_input: unknown[] }).batch_input.length;

const refusal = (statusCode: number, text?: string) =>
  Object.assign(new Error(), { response: { statusCode, body: { errors: text === undefined ? [] : [text] } } });

interface Between {
  /** What becomes of a request before it is passed on. */
  meet(data: object, signal: AbortSignal | undefined): Promise<void>;
}

/** A KEK that has looked at its key and has `between` before the emulator. */
async function warm({ meet }: Between) {
  let on = false;
  const between: VaultClient = {
    read: own.read,
    async write(path, data, options) {
      if (on) await meet(data, options?.signal);
      return own.write(path, data, options);
    },
  };
  const client = recordingClient(between);
  const kek = vaultTransit({ client, keyName, batch: true });
  const wrapped = await Promise.all(many(4, () => kek.wrap(newDataKey(), call)));
  on = true;
  client.sent.length = 0;
  /** How many items each request had. */
  const sizes = () => client.sent.map(({ data }) => sizeOf(data));
  return { kek, sizes, recipient: recipientOf(kek.keyRef, wrapped[0] ?? poison) };
}

/** As Vaults before hashicorp/vault #13111 do it: one item that does not open fails the whole request. */
const olderVault = (status: number, text: string): Between => ({
  async meet(data) {
    if (JSON.stringify(data).includes("A".repeat(80))) throw refusal(status, text);
  },
});

describe("a batch that is refused as a whole", () => {
  test.each([
    [500, "1 error occurred:\n\t* cipher: message authentication failed\n\n"],
    [400, "cipher: message authentication failed"],
    [400, "something new"],
  ])("is sent one by one, so that one item harms no other: %i %j", async (status, text) => {
    const { kek, sizes, recipient } = await warm(olderVault(status, text));
    const recipients = many(100, (index) => (index === 41 ? { ...recipient, ...poison } : recipient));
    const results = await Promise.allSettled(recipients.map((one) => kek.unwrap(one, call)));
    expect(results.filter(({ status: ended }) => ended === "fulfilled")).toHaveLength(99);
    const { reason } = results[41] as PromiseRejectedResult;
    expect(kek.errorCode(reason)).toBe(text === "something new" ? "provider-error" : "not-authentic");
    expect(sizes()).toEqual([100, ...many(100, () => 1)]);
  });

  test("is not sent again where it is a batch of one", async () => {
    const { kek, sizes, recipient } = await warm(olderVault(400, "cipher: message authentication failed"));
    expect(kek.errorCode(await rejection(kek.unwrap({ ...recipient, ...poison }, call)))).toBe("not-authentic");
    expect(sizes()).toEqual([1]);
  });

  test.each([
    [429, "rate limit quota exceeded", "throttled"],
    [503, "Vault is sealed", "unavailable"],
    [500, "internal error", "unavailable"],
    [403, "1 error occurred:\n\t* permission denied\n\n", "access-denied"],
    [404, "no handler for route", "kek-not-found"],
    [307, undefined, "provider-error"],
  ])("is not sent again where no item can be why: %i %j", async (status, text, code) => {
    const { kek, sizes, recipient } = await warm({ meet: () => Promise.reject(refusal(status, text)) });
    const errors = await Promise.all(many(3, () => rejection(kek.unwrap(recipient, call))));
    expect(errors.map((error) => kek.errorCode(error))).toEqual([code, code, code]);
    expect(sizes()).toEqual([3]);
  });

  test.each([{ code: "ECONNRESET" }, { code: "ECONNREFUSED" }, {}])("is not sent again where there was no answer: %j", async (facts) => {
    const { kek, sizes } = await warm({ meet: () => Promise.reject(Object.assign(new Error(), facts)) });
    await Promise.all(many(3, () => rejection(kek.wrap(newDataKey(), call))));
    expect(sizes()).toEqual([3]);
  });

  test("is sent again by a few at a time, and without whoever has left", async () => {
    let now = 0;
    let most = 0;
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { kek, sizes, recipient } = await warm({
      async meet(data, signal) {
        if (sizeOf(data) > 1) throw refusal(400, "cipher: message authentication failed");
        now += 1;
        most = Math.max(most, now);
        const left = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
        await Promise.race([gate, left]).finally(() => {
          now -= 1;
        });
      },
    });
    const controllers = many(40, () => new AbortController());
    const results = controllers.map(({ signal }) => kek.unwrap(recipient, callFor(undefined, signal)).catch(String));
    await vi.waitFor(() => expect(now).toBe(8));
    for (const index of [0, 1, 20, 30]) controllers[index]?.abort(new Error("enough"));
    expect(await Promise.all([results[0], results[1], results[20], results[30]])).toEqual(many(4, () => "Error: enough"));
    open();
    const opened = (await Promise.all(results)).filter((result) => result instanceof Uint8Array);
    expect(opened).toHaveLength(36);
    expect(most).toBe(8);
    // The batch, and everyone but the two that left before their turn.
    expect(sizes()).toEqual([40, ...many(38, () => 1)]);
  });

  test("tells for each item the request that answered it", async () => {
    const told: (string | undefined)[] = [];
    const listen = (message: unknown): void => void told.push((message as { requestId?: string }).requestId);
    const { kek, recipient } = await warm(olderVault(400, "cipher: message authentication failed"));
    const calls = channel("letterlock:provider-call");
    calls.subscribe(listen);
    await Promise.allSettled([recipient, { ...recipient, ...poison }, recipient].map((one) => kek.unwrap(one, call)));
    calls.unsubscribe(listen);
    expect(told).toHaveLength(3);
    expect(new Set(told.filter((id) => id !== undefined)).size).toBe(2);
  });
});
