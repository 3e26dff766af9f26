import { getEventListeners } from "node:events";
import { open, refresh, seal } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection, textOf } from "./support/call.ts";
import { recordingClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const own = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
afterAll(async () => {
  await own.close();
  await vault.close();
});
beforeEach(() => {
  vault.admin.takeRequests();
});
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a plain key", () => {
  const ref = vault.admin.createKey();
  const keyName = ref.slice("transit/".length);

  test("binds A as associated_data, in base64, and sends nothing else that decides", async () => {
    const client = recordingClient(own);
    const kek = vaultTransit({ client, keyName });
    const dataKey = newDataKey();
    const wrapped = await kek.wrap(dataKey, callFor("a=1"));
    const opened = await kek.unwrap(recipientOf(kek.keyRef, { ...wrapped, keyVersion: "7" }), callFor("a=1"));
    expect(opened).toEqual(dataKey);
    expect(opened.byteOffset).toBe(0);
    expect(opened.buffer.byteLength).toBe(32);
    expect(client.sent.map(({ path, data }) => ({ path, data }))).toEqual([
      { path: `transit/keys/${keyName}`, data: undefined },
      { path: `transit/encrypt/${keyName}`, data: { plaintext: Buffer.from(dataKey).toString("base64"), associated_data: base64("a=1") } },
      { path: `transit/decrypt/${keyName}`, data: { ciphertext: textOf(wrapped.wrapped), associated_data: base64("a=1") } },
    ]);
  });

  test("has no rewrap, because Vault's knows no associated_data", async () => {
    const kek = vaultTransit({ client: own, keyName });
    expect(kek.rewrap).toBeUndefined();
    const wrapped = await kek.wrap(newDataKey(), callFor());
    await expect(own.write(`transit/rewrap/${keyName}`, { ciphertext: textOf(wrapped.wrapped) })).rejects.toThrow("authentication failed");
  });

  test("refreshes through this process when the key has a newer version", async () => {
    const key = vault.admin.createKey();
    const kek = vaultTransit({ client: own, keyName: key.slice("transit/".length) });
    const envelope = await seal(new Uint8Array(9), [kek], { context: { a: "1" } });
    vault.admin.rotateKey(key);
    const refreshed = await refresh(envelope, [kek], { context: { a: "1" } });
    expect(refreshed.recipients).toMatchObject([{ from: "1", to: "2", status: "wrapped-again" }]);
    expect(await open(refreshed.object, [kek], { context: { a: "1" } })).toEqual(new Uint8Array(9));
    expect(await kek.currentVersion({ signal: new AbortController().signal })).toBe("2");
  });
});

describe("a derived key", () => {
  const ref = vault.admin.createKey({ derived: true });
  const keyName = ref.slice("transit/".length);

  test("binds A as context and rewraps inside Vault", async () => {
    const client = recordingClient(own);
    const kek = vaultTransit({ client, keyName, derived: true });
    const envelope = await seal(new Uint8Array(9), [kek], { context: { a: "1" } });
    vault.admin.rotateKey(ref);
    client.sent.length = 0;
    const refreshed = await refresh(envelope, [kek], { context: { a: "1" } });
    expect(refreshed.recipients).toMatchObject([{ from: "1", to: "2", status: "rewrapped" }]);
    expect(client.sent.map(({ path }) => path)).toEqual([`transit/keys/${keyName}`, `transit/rewrap/${keyName}`]);
    expect(Object.keys(client.sent[1]?.data as object)).toEqual(["ciphertext", "context"]);
    expect(await open(refreshed.object, [kek], { context: { a: "1" } })).toEqual(new Uint8Array(9));
  });
});

test("costs one request for each call, a look at the key on first use aside", async () => {
  const ref = vault.admin.createKey();
  const kek = vaultTransit({ client: own, keyName: ref.slice("transit/".length) });
  const wrapped = await Promise.all(Array.from({ length: 20 }, () => kek.wrap(newDataKey(), callFor())));
  for (const one of wrapped) await kek.unwrap(recipientOf(ref, one), callFor());
  const requests = vault.admin.takeRequests();
  expect(requests.map(({ operation }) => operation)).toEqual(["keys/read", ...Array(20).fill("encrypt"), ...Array(20).fill("decrypt")]);
  expect(new Set(requests.map(({ key }) => key))).toEqual(new Set([ref]));
});

test.each([
  { options: {}, keyRef: "transit/app" },
  { options: { mount: "team/transit" }, keyRef: "team/transit/app" },
  { options: { cluster: "eu" }, keyRef: "eu//transit/app" },
  { options: { cluster: "eu/team-1", mount: "a/b_.-c" }, keyRef: "eu/team-1//a/b_.-c/app" },
])("has the keyRef $keyRef", ({ options, keyRef }) => {
  const kek = vaultTransit({ client: own, keyName: "app", ...options });
  expect(kek).toMatchObject({ provider: "vault-transit", keyRef, bindsContext: true, authenticatesWrap: true });
  expect(Object.isFrozen(kek)).toBe(true);
  const wrapped = new Uint8Array(1);
  expect(kek.owns({ provider: "vault-transit", keyRef, wrapped })).toBe(true);
  expect(kek.owns({ provider: "aws-kms", keyRef, wrapped })).toBe(false);
  for (const other of ["transit/other", `x//${keyRef}`, `${keyRef}/`, keyRef.toUpperCase()]) {
    expect(kek.owns({ provider: "vault-transit", keyRef: other, wrapped })).toBe(false);
  }
});

test("works with a mount of several segments, in a namespace, beside the same name in another one", async () => {
  vault.admin.createKey({ name: "twin", mount: "deep/er/transit" });
  vault.admin.createKey({ name: "twin", mount: "deep/er/transit", namespace: "team" });
  await using team = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken, namespace: "team" });
  const here = vaultTransit({ client: own, keyName: "twin", mount: "deep/er/transit", cluster: "main" });
  const there = vaultTransit({ client: team, keyName: "twin", mount: "deep/er/transit", cluster: "main/team" });
  const envelope = await seal(new Uint8Array(3), [here, there]);
  expect(await open(envelope, [there])).toEqual(new Uint8Array(3));
  expect(await open(envelope, [here])).toEqual(new Uint8Array(3));
});

describe("misuse", () => {
  const good = { client: own, keyName: "app" };
  test.each([
    ["no options", undefined, "options must be an object"],
    ["an unknown option", { ...good, key: "app" }, 'unknown option "key"'],
    ["no client", { keyName: "app" }, "client must have"],
    ["a client that only reads", { keyName: "app", client: { read() {} } }, "client must have"],
    ["a key with its mount", { ...good, keyName: "transit/app" }, "keyName must be"],
    ["a path out of the mount", { ...good, keyName: "../keys/app" }, "keyName must be"],
    ["a hidden key", { ...good, keyName: ".app" }, "keyName must be"],
    ["an encoded key", { ...good, keyName: "a%2Fb" }, "keyName must be"],
    ["a query", { ...good, keyName: "app?x=1" }, "keyName must be"],
    ["a line break", { ...good, keyName: "app\n" }, "keyName must be"],
    ["an empty key", { ...good, keyName: "" }, "keyName must be"],
    ["a number as key", { ...good, keyName: 7 }, "keyName must be"],
    ["a mount with slashes around it", { ...good, mount: "/transit/" }, "mount must be"],
    ["a mount that climbs", { ...good, mount: "a/../b" }, "mount must be"],
    ["a mount with an empty segment", { ...good, mount: "a//b" }, "mount must be"],
    ["a cluster with an empty segment", { ...good, cluster: "a//b" }, "cluster must be"],
    ["an empty cluster", { ...good, cluster: "" }, "cluster must be"],
    ["derived as text", { ...good, derived: "true" }, "derived must be"],
    ["a batch of none", { ...good, batch: { maxItems: 0 } }, "batch.maxItems must be"],
    ["a batch of too many", { ...good, batch: { maxItems: 101 } }, "batch.maxItems must be"],
    ["an unknown batch option", { ...good, batch: { size: 3 } }, 'unknown option "size"'],
    ["a batch as a number", { ...good, batch: 10 }, "options must be an object"],
    ["no time at all", { ...good, timeoutMs: 0 }, "timeoutMs must be"],
    ["too much time", { ...good, timeoutMs: 2 ** 31 }, "timeoutMs must be"],
    ["names that no header can hold", { ...good, keyName: "k".repeat(250) }, "at most 255"],
  ])("is a TypeError: %s", (_, options, message) => {
    expect(() => vaultTransit(options as Parameters<typeof vaultTransit>[0])).toThrow(TypeError);
    expect(() => vaultTransit(options as Parameters<typeof vaultTransit>[0])).toThrow(message);
  });
});

test("waits no longer than timeoutMs for a client that waits for ever", async () => {
  const silent = { read: () => new Promise(() => undefined), write: () => new Promise(() => undefined) };
  const kek = vaultTransit({ client: silent, keyName: "app", timeoutMs: 20 });
  const error = await rejection(kek.wrap(newDataKey(), callFor()));
  expect(kek.errorCode(error)).toBe("unavailable");
  expect(String(error)).toContain("within 20 ms");
});

test("waits half a minute for a client that waits for ever, where nobody says", async () => {
  const silent = { read: () => new Promise(() => undefined), write: () => new Promise(() => undefined) };
  const kek = vaultTransit({ client: silent, keyName: "app" });
  vi.useFakeTimers();
  const failed = rejection(kek.wrap(newDataKey(), callFor()));
  await vi.advanceTimersByTimeAsync(30_000);
  vi.useRealTimers();
  expect(kek.errorCode(await failed)).toBe("unavailable");
});

test("waits less than its own client where it is told to", async () => {
  vault.admin.createKey({ name: "slow" });
  vault.admin.fail({ as: "timeout" });
  const kek = vaultTransit({ client: own, keyName: "slow", timeoutMs: 20 });
  const error = await rejection(kek.wrap(newDataKey(), callFor()));
  expect(kek.errorCode(error)).toBe("unavailable");
  expect(String(error)).toContain("within 20 ms");
});

test("leaves nothing behind that keeps the process waiting when a client throws at once", async () => {
  const client = {
    read() {
      throw new Error("at once");
    },
    write() {
      throw new Error("at once");
    },
  };
  const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  await rejection(vaultTransit({ client, keyName: "app" }).wrap(newDataKey(), callFor()));
  expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBe(before);
});

test("leaves no listener on a signal that is used for many calls", async () => {
  const ref = vault.admin.createKey({ derived: true });
  const { signal } = new AbortController();
  for (const batch of [false, true]) {
    const kek = vaultTransit({ client: own, keyName: ref.slice("transit/".length), derived: true, batch, timeoutMs: 10_000 });
    for (let calls = 0; calls < 3; calls += 1) {
      const wrapped = await kek.wrap(newDataKey(), callFor("a", signal));
      await kek.unwrap(recipientOf(ref, wrapped), callFor("a", signal));
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  }
});
