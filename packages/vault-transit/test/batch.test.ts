import { open, seal } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type VaultClient, VaultError, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection } from "./support/call.ts";
import { answeringClient, recordingClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const { admin } = vault;
const own = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
afterAll(async () => {
  await own.close();
  await vault.close();
});
beforeEach(() => {
  admin.clearFaults();
  admin.takeRequests();
});
const operations = () => admin.takeRequests().map(({ operation }) => operation);
const keyName = admin.createKey().slice("transit/".length);
const call = callFor();

/** A KEK that has looked at its key, and the requests of which are remembered from here on. */
async function warm(batch: boolean | { readonly maxItems?: number }, client: VaultClient = own) {
  const recording = recordingClient(client);
  const kek = vaultTransit({ client: recording, keyName, batch });
  await kek.wrap(newDataKey(), call);
  recording.sent.length = 0;
  admin.takeRequests();
  const sizes = () => recording.sent.map(({ data }) => (data as { batch_input: unknown[] }).batch_input.length);
  return { kek, sizes, sent: recording.sent };
}

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

describe("calls at the same time", () => {
  test.each([
    ["its own client", own],
    ["node-vault", nodeVault({ endpoint: vault.endpoint, token: vault.rootToken })],
  ])("are sent together and each gets its own answer, with %s", async (_, client) => {
    const { kek, sizes } = await warm(true, client);
    const keys = many(30, newDataKey);
    const calls = keys.map((__, index) => callFor(`row=${index}`));
    const wrapped = await Promise.all(keys.map((key, index) => kek.wrap(key, calls[index] ?? call)));
    const opened = await Promise.all(wrapped.map((one, index) => kek.unwrap(recipientOf(kek.keyRef, one), calls[index] ?? call)));
    expect(opened).toEqual(keys);
    expect(sizes()).toEqual([30, 30]);
    expect(operations()).toEqual(["encrypt", "decrypt"]);
  });

  test("are sent in batches of at most maxItems, and of 100 without it", async () => {
    const few = await warm({ maxItems: 4 });
    await Promise.all(many(10, () => few.kek.wrap(newDataKey(), call)));
    expect(few.sizes()).toEqual([4, 4, 2]);
    const most = await warm(true);
    await Promise.all(many(250, () => most.kek.wrap(newDataKey(), call)));
    expect(most.sizes()).toEqual([100, 100, 50]);
  });

  test("that are made while a request is on its way wait for it and go together", async () => {
    let gate = Promise.resolve();
    const gated: VaultClient = { read: own.read, write: (...args) => gate.then(() => own.write(...args)) };
    const { kek, sizes } = await warm(true, gated);
    const { promise, resolve: pass } = Promise.withResolvers<void>();
    gate = promise;
    const first = kek.wrap(newDataKey(), call);
    await vi.waitFor(() => expect(sizes()).toEqual([1]));
    const later = [];
    for (let index = 0; index < 5; index += 1) {
      later.push(kek.wrap(newDataKey(), call));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sizes()).toEqual([1]);
    pass();
    await Promise.all([first, ...later]);
    expect(sizes()).toEqual([1, 5]);
  });

  test("do not wait for a request on its way when they fill a batch", async () => {
    const { kek, sizes } = await warm({ maxItems: 3 });
    admin.fail({ operation: "encrypt", as: "timeout" });
    const controller = new AbortController();
    const hung = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    await vi.waitFor(() => expect(operations()).toEqual(["encrypt"]));
    await Promise.all(many(3, () => kek.wrap(newDataKey(), call)));
    expect(sizes()).toEqual([1, 3]);
    controller.abort();
    await hung;
  });

  test("of the three operations are in three batches", async () => {
    const ref = admin.createKey({ derived: true });
    const client = recordingClient(own);
    const kek = vaultTransit({ client, keyName: ref.slice("transit/".length), derived: true, batch: true });
    const recipients = (await Promise.all(many(4, () => kek.wrap(newDataKey(), call)))).map((one) => recipientOf(ref, one));
    admin.rotateKey(ref);
    client.sent.length = 0;
    const [rewrapped] = await Promise.all([
      Promise.all(recipients.map((one) => kek.rewrap?.(one, call))),
      Promise.all(recipients.map((one) => kek.unwrap(one, call))),
      Promise.all(recipients.map(() => kek.wrap(newDataKey(), call))),
    ]);
    expect(client.sent.map(({ path }) => path.split("/")[1]).sort()).toEqual(["decrypt", "encrypt", "rewrap"]);
    expect(rewrapped.map((one) => one?.keyVersion)).toEqual(["2", "2", "2", "2"]);
  });
});

describe("a failure", () => {
  test.each([
    ["its own client", own],
    ["node-vault", nodeVault({ endpoint: vault.endpoint, token: vault.rootToken })],
  ])("of one item is that of its call alone, with %s", async (_, client) => {
    const { kek } = await warm(true, client);
    const keys = many(6, newDataKey);
    const wrapped = await Promise.all(keys.map((key) => kek.wrap(key, call)));
    const results = await Promise.allSettled(
      wrapped.map((one, index) => kek.unwrap(recipientOf(kek.keyRef, one), index % 3 === 1 ? callFor("other") : call)),
    );
    for (const [index, result] of results.entries()) {
      if (index % 3 === 1) expect(kek.errorCode((result as PromiseRejectedResult).reason)).toBe("not-authentic");
      else expect(result).toEqual({ status: "fulfilled", value: keys[index] });
    }
  });

  test("of all items has the code of each", async () => {
    const { kek } = await warm(true);
    const wrapped = await Promise.all(many(3, () => kek.wrap(newDataKey(), call)));
    const tooNew = {
      wrapped: Buffer.from(
        Buffer.from(wrapped[2]?.wrapped ?? [])
          .toString()
          .replace("v1", "v9"),
      ),
    };
    const results = await Promise.all(
      [...wrapped.slice(0, 2), tooNew].map((one) => rejection(kek.unwrap(recipientOf(kek.keyRef, one), callFor("other")))),
    );
    expect(results.map((error) => kek.errorCode(error))).toEqual(["not-authentic", "not-authentic", "kek-not-found"]);
  });

  test.each([
    ["throttled", "throttled", 1000],
    ["unavailable", "unavailable", undefined],
    ["garbage", "provider-error", undefined],
  ] as const)("of the whole request is that of every call: %s", async (as, code, wait) => {
    const { kek } = await warm(true);
    admin.fail({ operation: "encrypt", as });
    const errors = await Promise.all(many(3, () => rejection(kek.wrap(newDataKey(), call))));
    expect(errors.map((error) => kek.errorCode(error))).toEqual([code, code, code]);
    expect(errors.map((error) => kek.retryAfterMs?.(error))).toEqual([wait, wait, wait]);
    expect(new Set(errors).size).toBe(3);
    await kek.wrap(newDataKey(), call);
  });

  test.each([
    ["too few results", { batch_results: [{}] }],
    ["too many results", { batch_results: [{}, {}, {}] }],
    ["no results", {}],
    ["something else", { batch_results: "none" }],
    ["empty ones", { batch_results: [{}, {}] }],
    ["none at all", { batch_results: [null, null] }],
    ["those of another operation", { batch_results: [{ plaintext: "AAAA" }, { plaintext: "AAAA" }] }],
  ])("is an answer with %s", async (_, data) => {
    const client = answeringClient((path) =>
      path.includes("/keys/") ? { data: { name: "app", type: "aes256-gcm96", latest_version: 1, derived: false } } : { data },
    );
    const kek = vaultTransit({ client, keyName: "app", batch: true });
    const errors = await Promise.all(many(2, () => rejection(kek.wrap(newDataKey(), call))));
    expect(errors.map((error) => kek.errorCode(error))).toEqual(["provider-error", "provider-error"]);
    expect(errors[0]).toBeInstanceOf(VaultError);
  });
});

describe("a call that aborts", () => {
  test("before the request leaves the batch, which goes without it", async () => {
    const { kek, sizes } = await warm(true);
    const controller = new AbortController();
    const reason = new Error("enough");
    const others = many(3, () => kek.wrap(newDataKey(), call));
    const aborted = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    await Promise.resolve();
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(await Promise.all(others)).toHaveLength(3);
    expect(sizes()).toEqual([3]);
  });

  test("during the request does not end it for the others", async () => {
    const { kek, sent } = await warm(true);
    admin.fail({ operation: "encrypt", as: "slow", afterMs: 50 });
    const controller = new AbortController();
    const other = kek.wrap(newDataKey(), call);
    const aborted = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    await vi.waitFor(() => expect(operations()).toEqual(["encrypt"]));
    controller.abort(new Error("enough"));
    expect(String(await aborted)).toBe("Error: enough");
    expect(sent[0]?.signal?.aborted).toBe(false);
    expect(await other).toMatchObject({ keyVersion: "1" });
  });

  test("as the last one ends the request, and the next calls go at once", async () => {
    const { kek, sent } = await warm(true);
    admin.fail({ operation: "encrypt", as: "timeout" });
    const controllers = many(3, () => new AbortController());
    const aborted = controllers.map(({ signal }) => rejection(kek.wrap(newDataKey(), callFor("a", signal))));
    await vi.waitFor(() => expect(operations()).toEqual(["encrypt"]));
    const next = kek.wrap(newDataKey(), call);
    for (const controller of controllers) controller.abort(new Error("enough"));
    await Promise.all(aborted);
    expect(sent[0]?.signal?.aborted).toBe(true);
    expect(await next).toMatchObject({ keyVersion: "1" });
  });

  test("before it is made sends nothing", async () => {
    const { kek } = await warm(true);
    await rejection(kek.wrap(newDataKey(), callFor("a", AbortSignal.abort())));
    await new Promise((resolve) => setImmediate(resolve));
    expect(operations()).toEqual([]);
  });
});

test("core seals and opens many at once through few requests", async () => {
  const { kek, sizes } = await warm(true);
  const envelopes = await Promise.all(many(20, (row) => seal(Uint8Array.of(row), [kek], { context: { row: String(row) } })));
  const opened = await Promise.all(envelopes.map((envelope, row) => open(envelope, [kek], { context: { row: String(row) } })));
  expect(opened.map(([byte]) => byte)).toEqual(many(20, (row) => row));
  expect(sizes().length).toBeLessThanOrEqual(4);
});
